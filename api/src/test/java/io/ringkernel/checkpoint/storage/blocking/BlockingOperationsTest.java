package io.ringkernel.checkpoint.storage.blocking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

@Timeout(60)
class BlockingOperationsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicInteger ended = new AtomicInteger();
  private final BlockingOperations operations =
      new BlockingOperations(
          "test-blocking",
          2,
          (name, failure) -> new StorageException(name + " failed", true, failure),
          ended::incrementAndGet);

  @AfterEach
  void close() {
    operations.close().block(PATIENCE);
    operations.close().block(PATIENCE);
    assertThat(ended).as("what all shared is given back once").hasValue(1);
  }

  @Test
  void worksOnItsOwnThreadsAndWordsFailures() {
    assertThat(operations.call("a", attempt -> Thread.currentThread().getName()).block(PATIENCE))
        .startsWith("test-blocking-");
    assertThatThrownBy(
            () ->
                operations
                    .call(
                        "a",
                        attempt -> {
                          throw new java.io.IOException("broken");
                        })
                    .block(PATIENCE))
        .isInstanceOf(StorageException.class)
        .hasMessage("a failed")
        .hasCauseInstanceOf(java.io.IOException.class);
  }

  @ParameterizedTest
  @MethodSource("errors")
  void tellsOfErrorsThatReactorTakesForTheEndOfTheProcess(Error error, String help) {
    BlockingOperations unworded =
        new BlockingOperations("test-unworded", 1, (name, failure) -> failure, () -> {});
    BlockingWork<Integer> work =
        attempt -> {
          throw error;
        };
    try {
      List<Mono<?>> all =
          List.of(
              unworded.call("a", work),
              unworded
                  .pull(
                      "a",
                      attempt -> {
                        throw error;
                      },
                      item -> {})
                  .then(),
              unworded.save(
                  "a",
                  Flux.empty(),
                  attempt -> {
                    throw error;
                  }));
      for (Mono<?> each : all) {
        assertThatThrownBy(() -> each.block(PATIENCE))
            .isInstanceOf(StorageException.class)
            .hasMessage("'a': " + error + "; " + help)
            .hasCause(error);
      }
    } finally {
      unworded.close().block(PATIENCE);
    }
  }

  static List<Arguments> errors() {
    return List.of(
        Arguments.of(
            new NoSuchMethodError("of another version"),
            "the classes that this storage uses don't fit together: see that no other BOM changes"
                + " the versions it asks for"),
        Arguments.of(new OutOfMemoryError("made up"), "the process may need more memory"));
  }

  @Test
  void tellsOfAFailureThatCannotBeWorded() {
    Error misfit = new NoClassDefFoundError("the client's own error");
    BlockingOperations wordless =
        new BlockingOperations(
            "test-wordless",
            1,
            (name, failure) -> {
              throw misfit;
            },
            () -> {});
    try {
      assertThatThrownBy(
              () ->
                  wordless
                      .call(
                          "a",
                          attempt -> {
                            throw new java.io.IOException("broken");
                          })
                      .block(PATIENCE))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("'a': " + misfit)
          .hasCause(misfit);
      assertThat(misfit.getSuppressed()).hasOnlyElementsOfType(java.io.IOException.class);
    } finally {
      wordless.close().block(PATIENCE);
    }
  }

  @Test
  void endsWhatCannotEvenBeClosed() {
    Error misfit = new NoClassDefFoundError("what it is made of");
    Mono<?> pulled = operations.pull("a", attempt -> new Unclosable(misfit), item -> {}).then();
    Mono<?> saved = operations.save("a", Flux.empty(), attempt -> new Unclosable(misfit));

    assertThatThrownBy(() -> pulled.block(PATIENCE)).hasMessage("a failed").hasCause(misfit);
    assertThatThrownBy(() -> saved.block(PATIENCE)).hasMessage("a failed").hasCause(misfit);
  }

  /** Fails in all that it does. */
  private record Unclosable(Error error) implements BlockingSource<Integer>, BlockingSave {
    @Override
    public Integer next() {
      throw error;
    }

    @Override
    public void begin() {
      throw error;
    }

    @Override
    public void write(List<OwnedBuffer> buffers) {
      throw error;
    }

    @Override
    public Optional<StoredObject> commit() {
      throw error;
    }

    @Override
    public void close() {
      throw error;
    }
  }

  @Test
  void endsABlockedCallThatIsCancelledWhileAllThreadsAreBlocked() throws InterruptedException {
    List<Disposable> calls = new ArrayList<>();
    CountDownLatch blocked = new CountDownLatch(2);
    CountDownLatch released = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      calls.add(
          operations
              .call("a", attempt -> waitUntilUnwanted(attempt, blocked, released))
              .subscribe());
    }
    assertThat(blocked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    AtomicBoolean done = new AtomicBoolean();
    Mono<Boolean> waiting = operations.call("b", attempt -> done.getAndSet(true));
    Disposable neverBegun = waiting.subscribe();
    neverBegun.dispose();
    calls.forEach(Disposable::dispose);
    assertThat(released.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    operations.call("c", attempt -> 1).block(PATIENCE);
    assertThat(done).as("what was cancelled before its turn").isFalse();
  }

  private static int waitUntilUnwanted(
      Attempt attempt, CountDownLatch blocked, CountDownLatch released)
      throws InterruptedException {
    CountDownLatch abort = new CountDownLatch(1);
    attempt.whenUnwanted(abort::countDown);
    blocked.countDown();
    assertThat(abort.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(attempt.isUnwanted()).isTrue();
    released.countDown();
    return 0;
  }

  @Test
  void tellsAtOnceWhatIsUnwantedAlready() {
    AtomicInteger runs = new AtomicInteger();
    Attempt attempt = new Attempt(Runnable::run, Runnable::run);
    attempt.whenUnwanted(() -> runs.addAndGet(100));
    attempt.whenUnwanted(runs::incrementAndGet);
    attempt.giveUp();
    attempt.giveUp();
    assertThat(runs).as("the last one, once").hasValue(1);
    attempt.whenUnwanted(runs::incrementAndGet);
    assertThat(runs).hasValue(2);
    attempt.whenUnwanted(null);
    assertThat(runs).hasValue(2);
  }

  @Test
  void failsWhatIsStoppedByTheCloseWithThatReason() throws InterruptedException {
    CountDownLatch blocked = new CountDownLatch(1);
    CompletableFuture<Integer> call =
        operations
            .call(
                "a",
                attempt -> {
                  waitUntilUnwanted(attempt, blocked, new CountDownLatch(1));
                  throw new IllegalStateException("its connection was closed");
                })
            .cast(Integer.class)
            .toFuture();
    assertThat(blocked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    operations.close().block(PATIENCE);
    assertThatThrownBy(call::join).hasRootCauseInstanceOf(ClosedException.class);
    assertThatThrownBy(() -> operations.call("b", attempt -> 1).block(PATIENCE))
        .isInstanceOf(ClosedException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void keepsInterruptsOfCallbacksFromTheSource() {
    AtomicInteger interrupted = new AtomicInteger();
    Flux<Integer> pulled =
        operations.pull("a", attempt -> new Counter(interrupted), unwanted -> {});
    List<Integer> got =
        pulled.doOnNext(item -> Thread.currentThread().interrupt()).collectList().block(PATIENCE);
    assertThat(got).containsExactly(1, 2, 3);
    assertThat(interrupted).hasValue(0);
  }

  /** Gives three items, and looks for interrupts. */
  private static final class Counter implements BlockingSource<Integer> {
    private final AtomicInteger interrupted;
    private int given;

    Counter(AtomicInteger interrupted) {
      this.interrupted = interrupted;
    }

    @Override
    public @Nullable Integer next() {
      interrupted.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
      return given == 3 ? null : ++given;
    }
  }

  @Test
  void savesStepByStepAndClosesEachBufferOnce() {
    AtomicInteger released = new AtomicInteger();
    Flux<OwnedBuffer> content =
        Flux.range(0, 200)
            .map(i -> OwnedBuffer.of(ByteBuffer.allocate(10), released::incrementAndGet))
            .doOnNext(buffer -> Thread.currentThread().interrupt());
    Recorder recorder = new Recorder();
    StoredObject saved = operations.save("a", content, attempt -> recorder).block(PATIENCE);
    assertThat(saved).isNotNull();
    assertThat(saved.size()).isEqualTo(2000);
    assertThat(released).hasValue(200);
    assertThat(recorder.steps).startsWith("begin", "write").endsWith("commit", "close");
  }

  @Test
  void closesWithoutACommitWhenTheSourceFails() {
    Flux<OwnedBuffer> content = Flux.error(new IllegalStateException("the source"));
    Recorder recorder = new Recorder();
    assertThatThrownBy(() -> operations.save("a", content, attempt -> recorder).block(PATIENCE))
        .hasMessage("the source");
    assertThat(recorder.steps).containsExactly("begin", "close");
  }

  /** Remembers what was asked of it. */
  private static final class Recorder implements BlockingSave {
    private final List<String> steps = new ArrayList<>();
    private long size;

    @Override
    public void begin() {
      steps.add("begin");
    }

    @Override
    public void write(List<OwnedBuffer> batch) {
      steps.add("write");
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      batch.forEach(owned -> size += owned.buffer().remaining());
    }

    @Override
    public Optional<StoredObject> commit() {
      steps.add("commit");
      return Optional.of(new StoredObject("a", size, "1", Instant.EPOCH, Map.of()));
    }

    @Override
    public void close() {
      steps.add("close");
    }
  }
}
