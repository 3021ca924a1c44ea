package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

class SideBySideTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final List<Throwable> dropped = new CopyOnWriteArrayList<>();

  @Test
  void tellsOneOfManyFailuresAndDropsNone() {
    Sinks.One<Integer> read = Sinks.one();
    Mono<Integer> shared = read.asMono().cache();
    Flux<Integer> all = SideBySide.of(Flux.range(0, 9), item -> shared, 4);

    StepVerifier.create(
            all.contextWrite(
                Context.of("reactor.onErrorDropped.local", (Consumer<Throwable>) dropped::add)))
        .then(() -> read.tryEmitError(new IllegalStateException("lost")).orThrow())
        .expectErrorMessage("lost")
        .verify(PATIENCE);

    assertThat(dropped).isEmpty();
  }

  @Test
  void givesWhatThereIsAndGoesOnWhereThereIsNothing() {
    Flux<Integer> even =
        SideBySide.of(Flux.range(0, 50), item -> item % 2 == 0 ? Mono.just(item) : Mono.empty(), 4);

    StepVerifier.create(even).expectNextCount(25).expectComplete().verify(PATIENCE);
  }

  @Test
  void whatFailedAtTheSameMomentIsToldAsTheFirstOfIt() {
    CorruptCheckpointException first = new CorruptCheckpointException(0, "first");
    Throwable both = Exceptions.multiple(first, new IllegalStateException("second"));

    StepVerifier.create(new Lifecycle().guardMany(() -> Flux.error(both)))
        .expectErrorSatisfies(
            told -> {
              assertThat(told).isSameAs(first);
              assertThat(told.getSuppressed()).hasSize(1);
            })
        .verify(PATIENCE);
  }
}
