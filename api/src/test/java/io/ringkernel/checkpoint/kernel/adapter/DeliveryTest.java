package io.ringkernel.checkpoint.kernel.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class DeliveryTest {
  private final List<String> takenBack = new ArrayList<>();
  private final Sinks.One<String> value = Sinks.one();
  private final AtomicReference<Cancellation> wish = new AtomicReference<>();

  private Mono<String> delivered() {
    return Delivery.of(
        cancellation -> {
          wish.set(cancellation);
          return value.asMono();
        },
        takenBack::add);
  }

  @Test
  void keepsWhatIsThereBeforeItIsAskedFor() {
    StepVerifier.create(delivered(), 0)
        .then(() -> value.tryEmitValue("state"))
        .thenRequest(1)
        .expectNext("state")
        .verifyComplete();
    assertThat(takenBack).isEmpty();
  }

  @Test
  void takesBackWhatIsThereAndWasNeverAskedFor() {
    StepVerifier.create(delivered(), 0)
        .then(() -> value.tryEmitValue("state"))
        .thenCancel()
        .verify();
    assertThat(takenBack).containsExactly("state");
  }

  @Test
  void aDemandOfNothingIsRefusedAndLosesNoValue() {
    Faulty early = new Faulty();
    delivered().subscribe(early);
    early.askForNothing();
    assertThat(early.told).isInstanceOf(IllegalArgumentException.class);
    assertThat(wish.get().isWished()).isTrue();
    value.tryEmitValue("state");
    assertThat(takenBack).containsExactly("state");

    Faulty late = new Faulty();
    delivered().subscribe(late);
    late.askForNothing();
    assertThat(late.told).isInstanceOf(IllegalArgumentException.class);
    assertThat(takenBack).as("what was there already").containsExactly("state", "state");
  }

  /** Breaks the rule that who asks, asks for something. */
  private static final class Faulty extends BaseSubscriber<String> {
    private @Nullable Throwable told;

    void askForNothing() {
      upstream().request(0);
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      // Asks for nothing yet.
    }

    @Override
    protected void hookOnError(Throwable error) {
      told = error;
    }
  }

  @Test
  void aCancelAfterTheValueIsNoWish() {
    value.tryEmitValue("state");

    // It cancels as soon as it has one.
    StepVerifier.create(Flux.from(delivered()).take(1)).expectNext("state").verifyComplete();

    assertThat(wish.get().isWished()).isFalse();
    assertThat(takenBack).isEmpty();
  }

  @Test
  void takesBackWhatComesAfterACancelThatTheWorkIsOnlyToldOf() {
    StepVerifier.create(delivered()).thenCancel().verify();

    assertThat(wish.get().isWished()).isTrue();
    assertThat(value.currentSubscriberCount()).as("it runs to its end").isEqualTo(1);
    value.tryEmitValue("late");
    assertThat(takenBack).containsExactly("late");
  }

  @Test
  void tellsThatThereIsNoneAlsoToWhoHasNotAskedYet() {
    StepVerifier.create(delivered(), 0).then(value::tryEmitEmpty).verifyComplete();
  }

  @Test
  void tellsAFailureUnlessNobodyWaits() {
    StepVerifier.create(delivered())
        .then(() -> value.tryEmitError(new IllegalStateException("broken")))
        .verifyErrorMessage("broken");
    StepVerifier.create(Delivery.of(wish -> Mono.<String>never(), takenBack::add))
        .thenCancel()
        .verify();
  }

  @Test
  void beginsAnewWithEachSubscription() {
    AtomicInteger begun = new AtomicInteger();
    Mono<Integer> counted =
        Delivery.of(wish -> Mono.fromSupplier(begun::incrementAndGet), number -> {});
    assertThat(begun).hasValue(0);
    assertThat(counted.block()).isEqualTo(1);
    assertThat(counted.block()).isEqualTo(2);
  }

  @Test
  void aCancelledRestoreIsToldOfItAndItsFailureGoesNowhere() {
    Sinks.Empty<Void> waiting = Sinks.empty();
    AtomicReference<Throwable> ended = new AtomicReference<>();
    StepVerifier.create(Cancellation.of(wish -> wish.ends(waiting.asMono()).doOnError(ended::set)))
        .thenCancel()
        .verify();
    assertThat(ended.get()).isInstanceOf(CancellationException.class);
  }
}
