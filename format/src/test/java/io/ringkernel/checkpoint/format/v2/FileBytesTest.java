package io.ringkernel.checkpoint.format.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** Stretches of a file, looked at as they arrive. */
class FileBytesTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final Stretch first = stretch(100, 10);
  private final Stretch second = stretch(500, 20);
  private final Stretch third = stretch(900, 30);
  private final List<Stretch> all = List.of(first, second, third);
  private final List<Long> seen = new ArrayList<>();
  private final TestPublisher<Stretch> arriving = TestPublisher.create();

  private static Stretch stretch(long offset, int length) {
    return new Stretch(offset, List.of(ByteBuffer.allocate(length)));
  }

  /** Gives what the test lets arrive. */
  private ChunkContent content() {
    return new ChunkContent() {
      @Override
      public long size() {
        return 1_000;
      }

      @Override
      public Mono<Integer> read(long offset, ByteBuffer target) {
        return Mono.error(new AssertionError("not asked for one alone"));
      }

      @Override
      public Flux<Stretch> readAll(List<Stretch> stretches) {
        assertThat(stretches).isEqualTo(all);
        return arriving.flux();
      }
    };
  }

  private void arrive(Stretch stretch) {
    stretch.targets().forEach(target -> target.position(target.limit()));
    arriving.next(stretch);
  }

  private StepVerifier.FirstStep<Void> filling(Consumer<Stretch> look) {
    return StepVerifier.create(
        FileBytes.fill(
            content(),
            all,
            stretch -> {
              seen.add(stretch.offset());
              look.accept(stretch);
            }));
  }

  @Test
  void looksAtEachWhenItArrives() {
    filling(stretch -> assertThat(stretch.length()).isZero())
        .then(() -> arrive(third))
        .then(() -> assertThat(seen).containsExactly(900L))
        .then(() -> arrive(first))
        .then(() -> arrive(second))
        .then(() -> assertThat(seen).containsExactly(900L, 100L, 500L))
        .then(arriving::complete)
        .expectComplete()
        .verify(LONG);
  }

  @Test
  void tellsWhatIsWrongOnlyWhenNothingWritesToTheMemoryAnyMore() {
    filling(
            stretch -> {
              if (stretch.offset() != second.offset()) {
                throw new CorruptCheckpointException(stretch.offset(), "bad");
              }
            })
        .then(() -> arrive(third))
        .then(() -> arrive(second))
        .then(arriving::assertNotCancelled)
        .then(() -> arrive(first))
        .expectNoEvent(Duration.ofMillis(10))
        .then(arriving::complete)
        .expectErrorSatisfies(
            failure ->
                assertThat(((CorruptCheckpointException) failure).offset())
                    .as("the first in the file, whichever came first")
                    .isEqualTo(100))
        .verify(LONG);
    assertThat(seen).as("all are looked at").hasSize(3);
  }

  @Test
  void saysThatAContentGivesOthersThanItWasGiven() {
    filling(stretch -> {})
        .then(() -> all.forEach(this::arriveAsACopy))
        .then(arriving::complete)
        .expectErrorSatisfies(
            failure ->
                assertThat(failure)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("stretch at offset 100")
                    .hasMessageContaining("ChunkContent.readAll"))
        .verify(LONG);
    assertThat(seen).isEmpty();
  }

  private void arriveAsACopy(Stretch stretch) {
    stretch.targets().forEach(target -> target.position(target.limit()));
    arriving.next(new Stretch(stretch.offset(), stretch.targets()));
  }

  @Test
  void refusesAContentThatEndsWithoutAStretch() {
    filling(stretch -> {})
        .then(() -> arrive(first))
        .then(() -> arrive(third))
        .then(arriving::complete)
        .expectErrorSatisfies(
            failure ->
                assertThat(failure)
                    .isInstanceOf(CorruptCheckpointException.class)
                    .hasMessageContaining("500")
                    .hasMessageContaining("20 bytes more were expected"))
        .verify(LONG);
  }

  @Test
  void looksNeitherAtAStretchThatIsNotFullNorTwiceAtOne() {
    filling(stretch -> {})
        .then(() -> arrive(first))
        .then(() -> arriving.next(first))
        .then(() -> second.targets().get(0).position(15))
        .then(() -> arriving.next(second))
        .then(() -> arrive(third))
        .then(arriving::complete)
        .expectErrorSatisfies(
            failure ->
                assertThat(failure)
                    .isInstanceOf(CorruptCheckpointException.class)
                    .hasMessageContaining("515")
                    .hasMessageContaining("5 bytes more were expected"))
        .verify(LONG);
    assertThat(seen).containsExactly(100L, 900L);
  }

  @Test
  void endsWithTheFailureOfTheRead() {
    filling(stretch -> {})
        .then(() -> arrive(first))
        .then(() -> arriving.error(new IllegalStateException("gone")))
        .expectErrorMessage("gone")
        .verify(LONG);
  }
}
