package io.ringkernel.checkpoint.format.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Windows on a content: upon it where it is in memory, else read into pooled memory. */
class WindowsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int BATCH = Workbench.BATCH_BYTES;

  private final byte[] bytes = new byte[3 * BATCH + 5];
  private final Workbench workbench =
      new Workbench(
          Schedulers.newParallel("windows-test", 2, true),
          2,
          new BufferPool(BATCH + Workbench.BATCH_OVERHEAD, 8L * BATCH),
          CompressionCodecs.of());

  WindowsTest() {
    new Random(1).nextBytes(bytes);
  }

  @AfterEach
  void giveBack() {
    until(() -> workbench.buffers().open() == 0);
    workbench.workers().disposeGracefully().block(PATIENCE);
  }

  @Test
  void lieUponMemoryWithoutACopy() {
    List<ByteBuffer> windows = new ArrayList<>();

    Windows.of(ChunkContent.of(bytes), workbench)
        .doOnNext(window -> windows.add(window.buffer()))
        .blockLast(PATIENCE);

    assertThat(windows).extracting(ByteBuffer::remaining).containsExactly(BATCH, BATCH, BATCH, 5);
    for (int i = 0; i < windows.size(); i++) {
      bytes[i * BATCH]++;
      assertThat(windows.get(i).get(0)).isEqualTo(bytes[i * BATCH]);
    }
    assertThat(workbench.buffers().open()).isZero();
  }

  @Test
  void endWhereASegmentOfMemoryEnds() {
    ChunkContent content =
        ChunkContent.of(List.of(ByteBuffer.wrap(bytes, 0, 10), ByteBuffer.wrap(bytes, 10, 20)));

    List<Integer> lengths =
        Windows.of(content, workbench)
            .map(window -> window.buffer().remaining())
            .collectList()
            .blockOptional(PATIENCE)
            .orElseThrow();

    assertThat(lengths).containsExactly(10, 20);
  }

  @Test
  void areReadInOrderOnTheWorkers() {
    ByteBuffer all = ByteBuffer.allocate(bytes.length);
    List<String> threads = new ArrayList<>();

    Windows.of(remote(), workbench)
        .doOnNext(
            window -> {
              threads.add(Thread.currentThread().getName());
              all.put(window.buffer());
              window.close();
            })
        .blockLast(PATIENCE);

    assertThat(all.array()).isEqualTo(bytes);
    assertThat(threads).hasSize(4).allMatch(name -> name.startsWith("windows-test"));
  }

  @Test
  void ofAnEmptyContentAreNone() {
    StepVerifier.create(Windows.of(ChunkContent.empty(), workbench)).verifyComplete();
  }

  @Test
  void comeOneAtATimeAsDemanded() {
    StepVerifier.create(Windows.of(remote(), workbench).doOnNext(OwnedBuffer::close), 1)
        .expectNextCount(1)
        .thenRequest(2)
        .expectNextCount(2)
        .thenCancel()
        .verify(PATIENCE);
  }

  @Test
  void arriveWholeHoweverSlowlyTheyAreDemanded() {
    ByteBuffer all = ByteBuffer.allocate(bytes.length);
    BaseSubscriber<OwnedBuffer> slow =
        new BaseSubscriber<>() {
          @Override
          protected void hookOnSubscribe(Subscription subscription) {
            later(() -> request(1));
          }

          @Override
          protected void hookOnNext(OwnedBuffer window) {
            all.put(window.buffer());
            window.close();
            later(() -> request(1));
          }
        };

    Windows.of(remote(), workbench).subscribe(slow);

    until(slow::isDisposed);
    assertThat(all.array()).isEqualTo(bytes);
  }

  private static void later(Runnable action) {
    Schedulers.parallel().schedule(action, 20, TimeUnit.MILLISECONDS);
  }

  @Test
  void canBeHadOneByOne() {
    OwnedBuffer window =
        Windows.at(remote(), 3L * BATCH, workbench).blockOptional(PATIENCE).orElseThrow();

    assertThat(window.buffer().remaining()).isEqualTo(5);
    assertThat(window.buffer().get(0)).isEqualTo(bytes[3 * BATCH]);
    window.close();
  }

  @Test
  void giveMemoryBackThatWasReadForNobody() {
    Sinks.Empty<Void> gate = Sinks.empty();
    AtomicInteger started = new AtomicInteger();
    ChunkContent slow =
        new Remote() {
          @Override
          public Mono<Integer> read(long offset, ByteBuffer target) {
            started.incrementAndGet();
            return gate.asMono().then(super.read(offset, target));
          }
        };
    Disposable reading = Windows.of(slow, workbench).subscribe();
    until(() -> started.get() == 1);

    reading.dispose();

    assertThat(workbench.buffers().open()).as("a transfer may be in flight").isEqualTo(1);
    gate.tryEmitEmpty();
    until(() -> workbench.buffers().open() == 0);
    assertThat(started.get()).isEqualTo(1);
  }

  @Test
  void giveMemoryBackThatWasReadAndNotDemanded() {
    BaseSubscriber<OwnedBuffer> patient =
        new BaseSubscriber<>() {
          @Override
          protected void hookOnSubscribe(Subscription subscription) {}
        };
    AtomicInteger done = new AtomicInteger();
    ChunkContent content =
        new Remote() {
          @Override
          public Mono<Integer> read(long offset, ByteBuffer target) {
            return super.read(offset, target).doFinally(end -> done.incrementAndGet());
          }
        };
    Windows.of(content, workbench).subscribe(patient);
    until(() -> done.get() == 1);

    patient.cancel();

    until(() -> workbench.buffers().open() == 0);
  }

  @Test
  void giveMemoryBackWhenReadingFails() {
    ChunkContent failing =
        new Remote() {
          @Override
          public Mono<Integer> read(long offset, ByteBuffer target) {
            return offset == 0
                ? super.read(offset, target)
                : Mono.error(new IllegalStateException("device lost"));
          }
        };

    assertThatThrownBy(
            () -> Windows.of(failing, workbench).doOnNext(OwnedBuffer::close).blockLast(PATIENCE))
        .hasMessage("device lost");
  }

  @Test
  void giveMemoryBackWhenACancelRacesWithAResult() {
    for (int round = 0; round < 500; round++) {
      Disposable reading = Windows.of(remote(), workbench).doOnNext(OwnedBuffer::close).subscribe();
      LockSupport.parkNanos(round * 1000L);
      reading.dispose();
    }
  }

  private ChunkContent remote() {
    return new Remote();
  }

  private class Remote implements ChunkContent {
    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return ChunkContent.of(bytes).read(offset, target).subscribeOn(Schedulers.parallel());
    }
  }

  private static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(500_000);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }
}
