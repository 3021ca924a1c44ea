package io.ringkernel.checkpoint.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

class FirstFailureTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final List<Throwable> dropped = new CopyOnWriteArrayList<>();
  private final Sinks.One<Integer> load = Sinks.one();

  private Context watched() {
    return Context.of("reactor.onErrorDropped.local", (Consumer<Throwable>) dropped::add);
  }

  /** Work on one load that several wait for. */
  static Stream<Named<Function<Mono<Integer>, Flux<Integer>>>> works() {
    return Stream.of(
        named("of", shared -> FirstFailure.of(Flux.range(0, 9), item -> shared, 4)),
        named("inOrder", shared -> FirstFailure.inOrder(Flux.range(0, 9), item -> shared, 4)),
        named("both", shared -> FirstFailure.both(shared, shared, Integer::sum).flux()));
  }

  /** Its failure reaches all of them, one after the other. */
  @ParameterizedTest
  @MethodSource("works")
  void tellsOneOfManyFailuresAndDropsNone(Function<Mono<Integer>, Flux<Integer>> work) {
    StepVerifier.create(work.apply(load.asMono().cache()).contextWrite(watched()))
        .then(() -> load.tryEmitError(new IllegalStateException("lost")).orThrow())
        .expectErrorMessage("lost")
        .verify(PATIENCE);

    assertThat(dropped).isEmpty();
  }

  @Test
  void aFailureWaitsForNoResultBeforeIt() {
    Flux<Integer> all =
        FirstFailure.inOrder(
            Flux.range(0, 3),
            item -> item == 2 ? Mono.error(new IllegalStateException("lost")) : load.asMono(),
            3);

    StepVerifier.create(all).expectErrorMessage("lost").verify(PATIENCE);
    assertThat(load.currentSubscriberCount()).isZero();
  }

  @Test
  void givesResultsInOrderWhoeverIsFaster() {
    Flux<Integer> all =
        FirstFailure.inOrder(
            Flux.range(0, 6), item -> Mono.delay(millis(60 - 10 * item)).thenReturn(item), 3);

    StepVerifier.create(all).expectNext(0, 1, 2, 3, 4, 5).expectComplete().verify(PATIENCE);
    assertThat(FirstFailure.both(Mono.just(1), Mono.just(2), Integer::sum).block(PATIENCE))
        .isEqualTo(3);
  }

  private static Duration millis(int count) {
    return Duration.ofMillis(count);
  }

  @Test
  void givesWhatThereIsAndGoesOnWhereThereIsNothing() {
    Function<Integer, Mono<Integer>> even = item -> Mono.just(item).filter(i -> i % 2 == 0);

    StepVerifier.create(FirstFailure.of(Flux.range(0, 50), even, 4))
        .expectNextCount(25)
        .expectComplete()
        .verify(PATIENCE);
    StepVerifier.create(FirstFailure.inOrder(Flux.range(0, 6), even, 4))
        .expectNext(0, 2, 4)
        .expectComplete()
        .verify(PATIENCE);
  }

  @Test
  void respectsDemandAndDoesNoMoreAtOnceThanItMay() {
    List<Integer> begun = new CopyOnWriteArrayList<>();
    Flux<Integer> all =
        FirstFailure.inOrder(
            Flux.range(0, 9), item -> Mono.fromSupplier(() -> begun.add(item) ? item : -1), 2);

    StepVerifier.create(all, 1)
        .expectNext(0)
        .then(() -> assertThat(begun).hasSizeLessThanOrEqualTo(4))
        .thenCancel()
        .verify(PATIENCE);
  }

  @Test
  void whatFailsLaterIsSuppressedInTheFirst() {
    IllegalStateException first = new IllegalStateException("first");
    IllegalStateException late = new IllegalStateException("late");
    Mono<Integer> uncancelled =
        Mono.from(
            subscriber -> {
              subscriber.onSubscribe(Operators.emptySubscription());
              load.asMono().subscribe(value -> {}, error -> subscriber.onError(late));
            });

    StepVerifier.create(
            FirstFailure.of(
                Flux.just(1, 2), item -> item == 1 ? uncancelled : Mono.error(first), 2))
        .expectErrorMatches(told -> told == first)
        .verify(PATIENCE);
    load.tryEmitError(new IllegalStateException("lost")).orThrow();

    assertThat(first.getSuppressed()).containsExactly(late);
  }

  /** As an operator of Reactor does, which has nobody to tell any more. */
  private static Mono<Integer> failsWhenCancelled(Throwable failure) {
    return Mono.deferContextual(
        context ->
            Mono.<Integer>never()
                .doOnCancel(() -> Operators.onErrorDropped(failure, Context.of(context))));
  }

  @Test
  void whatFailsWhenItIsCancelledIsSuppressedInTheFirst() {
    IllegalStateException first = new IllegalStateException("first");
    IllegalStateException late = new IllegalStateException("late");

    StepVerifier.create(
            FirstFailure.of(
                    Flux.just(1, 2),
                    item -> item == 1 ? failsWhenCancelled(late) : Mono.error(first),
                    2)
                .contextWrite(watched()))
        .expectErrorMatches(told -> told == first)
        .verify(PATIENCE);

    assertThat(first.getSuppressed()).containsExactly(late);
    assertThat(dropped).isEmpty();
  }

  @Test
  void whatFailsThoughNothingElseDidIsNotHidden() {
    IllegalStateException late = new IllegalStateException("late");

    FirstFailure.of(Flux.just(1), item -> failsWhenCancelled(late), 2)
        .contextWrite(watched())
        .subscribe()
        .dispose();

    assertThat(dropped).containsExactly(late);
  }

  @Test
  void letsGoOfAFailureThatNobodyWantsToKnowAnyMore() {
    Subscriber<?>[] held = new Subscriber<?>[1];
    Mono<Integer> uncancelled =
        Mono.from(
            subscriber -> {
              subscriber.onSubscribe(Operators.emptySubscription());
              held[0] = subscriber;
            });
    Hooks.onErrorDropped(dropped::add);
    try {
      failsWhenCancelled(new IllegalStateException("on its way"))
          .subscribe(null, null, null, FirstFailure.UNTIL_DISPOSED)
          .dispose();
      uncancelled.subscribe(null, null, null, FirstFailure.UNTIL_DISPOSED).dispose();
      held[0].onError(new IllegalStateException("at its end"));
    } finally {
      Hooks.resetOnErrorDropped();
    }

    assertThat(dropped).isEmpty();
  }

  @Test
  void aFailureBesideItCancelsWork() {
    Flux<Integer> work = Flux.just(1).concatWith(load.asMono());

    StepVerifier.create(FirstFailure.beside(work, Mono.error(new IllegalStateException("lost"))))
        .expectErrorMessage("lost")
        .verify(PATIENCE);
    Sinks.Empty<Integer> other = Sinks.empty();
    StepVerifier.create(FirstFailure.beside(work, other.asMono()))
        .expectNext(1)
        .then(() -> assertThat(load.currentSubscriberCount()).isOne())
        .then(() -> other.tryEmitError(new IllegalStateException("lost")).orThrow())
        .expectErrorMessage("lost")
        .verify(PATIENCE);
    assertThat(load.currentSubscriberCount()).isZero();
    StepVerifier.create(FirstFailure.beside(Flux.just(1, 2), Mono.never()))
        .expectNext(1, 2)
        .expectComplete()
        .verify(PATIENCE);
  }

  @Test
  void ofSeveralThatCameTogetherTheFirstIsToldWithTheOthersInIt() {
    IllegalStateException first = new IllegalStateException("first");
    IllegalStateException second = new IllegalStateException("second");

    assertThat(FirstFailure.in(Exceptions.multiple(first, second, first)))
        .isSameAs(first)
        .hasSuppressedException(second);
    assertThat(first.getSuppressed()).hasSize(1);
    assertThat(FirstFailure.in(second)).isSameAs(second).hasNoSuppressedExceptions();
  }
}
