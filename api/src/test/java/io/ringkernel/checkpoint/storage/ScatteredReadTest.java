package io.ringkernel.checkpoint.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.Stretch;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** Many stretches of an object in a storage that is asked for each range. */
class ScatteredReadTest {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final Duration LONG = Duration.ofSeconds(20);

  /** Memory of the same content is not the same memory. */
  private static final Comparator<Stretch> ONE = (a, b) -> a == b ? 0 : 1;

  private final Asked storage = new Asked();

  private static Stretch stretch(long offset, int length) {
    return new Stretch(offset, List.of(ByteBuffer.allocate(length)));
  }

  /** Each must be given once, and be filled by then. */
  private void read(Stretch... stretches) {
    List<Stretch> given = new ArrayList<>();
    storage
        .readInto("a", "v", List.of(stretches))
        .doOnNext(stretch -> assertThat(stretch.length()).isZero())
        .doOnNext(given::add)
        .blockLast(LONG);
    assertThat(given).usingElementComparator(ONE).containsExactlyInAnyOrder(stretches);
  }

  @Test
  void joinsWhatLiesCloseTogetherAndGivesOnlyWhatWasAskedFor() {
    Stretch first = stretch(0, 10);
    Stretch next = stretch(10, 20);
    Stretch near = stretch(30 + 128 * KIB, 5);
    read(first, next, near);
    assertThat(storage.asked).containsExactly("0+" + (35 + 128 * KIB));
    ByteBuffer bytes = near.targets().get(0).flip();
    assertThat(bytes.get(0)).isEqualTo(Asked.byteAt(30 + 128 * KIB));
  }

  @Test
  void asksTwiceForWhatLiesFarApartOrBackwardsOrOverlaps() {
    read(stretch(1000 * KIB, 10), stretch(1129 * KIB, 10), stretch(0, 10), stretch(5, 10));
    assertThat(storage.asked).containsExactlyInAnyOrder("1024000+10", "1156096+10", "0+10", "5+10");
  }

  @Test
  void asksForNoMoreThanFourMebibytesAtOnceUnlessOneStretchIsLonger() {
    read(
        stretch(0, 3 * MIB), stretch(3 * MIB, MIB), stretch(4 * MIB, 1), stretch(9 * MIB, 5 * MIB));
    assertThat(storage.asked)
        .containsExactlyInAnyOrder("0+4194304", "4194304+1", "9437184+5242880");
  }

  @Test
  void asksForNothingWhenThereAreNoStretches() {
    read();
    assertThat(storage.asked).isEmpty();
  }

  @Test
  void keepsAFewRequestsUnderWay() {
    storage.answer = Sinks.empty();
    StepVerifier.create(storage.readInto("a", "v", apart(20)))
        .expectSubscription()
        .then(() -> assertThat(storage.underWay).hasValue(8))
        .then(() -> storage.answer.tryEmitEmpty())
        .expectNextCount(20)
        .expectComplete()
        .verify(LONG);
    assertThat(storage.most).hasValueLessThanOrEqualTo(8);
  }

  @Test
  void givesWhatHasArrivedWhileOthersAreUnderWay() {
    storage.late = 3L * MIB;
    storage.lateAnswer = Sinks.empty();
    StepVerifier.create(storage.readInto("a", "v", apart(5)))
        .expectNextCount(4)
        .then(() -> storage.lateAnswer.tryEmitEmpty())
        .assertNext(last -> assertThat(last.offset()).isEqualTo(3L * MIB))
        .expectComplete()
        .verify(LONG);
  }

  @Test
  void givesNoMoreThanIsDemanded() {
    StepVerifier.create(storage.readInto("a", "v", apart(20)), 0)
        .expectSubscription()
        .thenRequest(3)
        .expectNextCount(3)
        .then(() -> assertThat(storage.asked).hasSizeLessThanOrEqualTo(3 + 8 + 2))
        .thenRequest(17)
        .expectNextCount(17)
        .expectComplete()
        .verify(LONG);
  }

  @Test
  void endsWithTheFirstFailureOnceNothingWritesToTheMemoryAnyMore() {
    storage.failAt = 7L * MIB;
    storage.answer = Sinks.empty();
    StepVerifier.create(storage.readInto("a", "v", apart(20)))
        .expectSubscription()
        .expectNoEvent(Duration.ofMillis(20))
        .then(() -> storage.answer.tryEmitEmpty())
        .expectNextCount(7)
        .expectErrorMessage("no " + 7 * MIB)
        .verify(LONG);
    assertThat(storage.underWay).hasValue(0);
    assertThat(storage.asked).as("nothing is asked for after a failure").hasSize(8);
  }

  private static List<Stretch> apart(int count) {
    List<Stretch> stretches = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      stretches.add(stretch(i * (long) MIB, 1));
    }
    return stretches;
  }

  @Test
  void refusesANegativeOffset() {
    assertThatThrownBy(() -> stretch(-1, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  /** Knows one call, and answers when it is told to. */
  private static final class Asked implements CheckpointStorage {
    final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger underWay = new AtomicInteger();
    final AtomicInteger most = new AtomicInteger();
    Sinks.Empty<Void> answer = answered();
    Sinks.Empty<Void> lateAnswer = answered();
    long failAt = -1;
    long late = -1;

    private static Sinks.Empty<Void> answered() {
      Sinks.Empty<Void> now = Sinks.empty();
      now.tryEmitEmpty();
      return now;
    }

    static byte byteAt(long offset) {
      return (byte) (offset * 31 + (offset >> 8));
    }

    @Override
    public Mono<Long> readInto(String name, String version, long offset, List<ByteBuffer> targets) {
      return Mono.defer(
          () -> {
            long length = targets.stream().mapToLong(ByteBuffer::remaining).sum();
            asked.add(offset + "+" + length);
            int now = underWay.incrementAndGet();
            most.accumulateAndGet(now, Math::max);
            if (offset == failAt) {
              underWay.decrementAndGet();
              return Mono.error(new IllegalStateException("no " + offset));
            }
            return (offset == late ? lateAnswer : answer)
                .asMono()
                .then(
                    Mono.fromSupplier(
                        () -> {
                          fill(offset, targets);
                          underWay.decrementAndGet();
                          return length;
                        }));
          });
    }

    private static void fill(long offset, List<ByteBuffer> targets) {
      long at = offset;
      for (ByteBuffer target : targets) {
        while (target.hasRemaining()) {
          target.put(byteAt(at++));
        }
      }
    }

    @Override
    public Mono<StoredObject> save(
        String name, Publisher<OwnedBuffer> content, SaveOptions options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Mono<StoredObject> stat(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Flux<StoredObject> list(String prefix) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Mono<Boolean> delete(String name, @Nullable String expectedVersion) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Set<StorageCapability> capabilities() {
      return Set.of();
    }

    @Override
    public Mono<Void> close() {
      return Mono.empty();
    }
  }
}
