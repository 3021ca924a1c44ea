package io.ringkernel.checkpoint.format.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

class FirstFailureTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final List<Throwable> dropped = new CopyOnWriteArrayList<>();
  private final Sinks.One<Integer> load = Sinks.one();

  /** One load that several wait for: its failure reaches all of them, one after the other. */
  private final Mono<Integer> shared = load.asMono().cache();

  private Context watched() {
    return Context.of("reactor.onErrorDropped.local", (Consumer<Throwable>) dropped::add);
  }

  @Test
  void tellsOneOfManyFailuresAndDropsNone() {
    Mono<Void> all = FirstFailure.of(Flux.range(0, 9), item -> shared.then(), 4);

    StepVerifier.create(all.contextWrite(watched()))
        .then(() -> load.tryEmitError(new IllegalStateException("lost")).orThrow())
        .expectErrorMessage("lost")
        .verify(PATIENCE);

    assertThat(dropped).isEmpty();
  }

  @Test
  void tellsOneFailureOfResultsInOrderAndDropsNone() {
    Flux<Integer> all = FirstFailure.inOrder(Flux.range(0, 9).map(item -> shared), 4);

    StepVerifier.create(all.contextWrite(watched()))
        .then(() -> load.tryEmitError(new IllegalStateException("lost")).orThrow())
        .expectErrorMessage("lost")
        .verify(PATIENCE);

    assertThat(dropped).isEmpty();
  }

  @Test
  void tellsOneFailureOfAPairAndDropsNone() {
    Mono<Integer> both = FirstFailure.both(shared, shared, Integer::sum);

    StepVerifier.create(both.contextWrite(watched()))
        .then(() -> load.tryEmitError(new IllegalStateException("lost")).orThrow())
        .expectErrorMessage("lost")
        .verify(PATIENCE);

    assertThat(dropped).isEmpty();
  }

  @Test
  void givesResultsInOrderWhoeverIsFaster() {
    Flux<Integer> all =
        FirstFailure.inOrder(
            Flux.range(0, 6)
                .map(item -> Mono.delay(Duration.ofMillis(60 - 10 * item)).thenReturn(item)),
            3);

    StepVerifier.create(all).expectNext(0, 1, 2, 3, 4, 5).expectComplete().verify(PATIENCE);
    assertThat(FirstFailure.both(Mono.just(1), Mono.just(2), Integer::sum).block(PATIENCE))
        .isEqualTo(3);
  }

  @Test
  void respectsDemandAndDoesNoMoreAtOnceThanItMay() {
    List<Integer> begun = new CopyOnWriteArrayList<>();
    Flux<Integer> all =
        FirstFailure.inOrder(
            Flux.range(0, 9).map(item -> Mono.fromSupplier(() -> begun.add(item) ? item : -1)), 2);

    StepVerifier.create(all, 1)
        .expectNext(0)
        .then(() -> assertThat(begun).hasSizeLessThanOrEqualTo(4))
        .thenCancel()
        .verify(PATIENCE);
  }
}
