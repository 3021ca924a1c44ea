package io.ringkernel.checkpoint.format.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Work that ends in its own time, and a result that goes exactly one way. */
class UncancellableTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<String> released = new ArrayList<>();
  private final Sinks.One<String> result = Sinks.one();

  @Test
  void passesAResultOn() {
    assertThat(Uncancellable.of(unwanted -> Mono.just("done"), released::add).block(PATIENCE))
        .isEqualTo("done");
    assertThat(released).isEmpty();
  }

  @Test
  void passesAnErrorAndAnEmptyEndOn() {
    assertThatThrownBy(
            () ->
                Uncancellable.of(unwanted -> Mono.error(new IllegalStateException("lost")))
                    .block(PATIENCE))
        .hasMessage("lost");
    assertThat(Uncancellable.of(unwanted -> Mono.empty()).blockOptional(PATIENCE)).isEmpty();
  }

  @Test
  void doesNothingBeforeItIsSubscribedToAndAllAnewEachTime() {
    AtomicInteger started = new AtomicInteger();
    Mono<Integer> work = Uncancellable.of(unwanted -> Mono.fromSupplier(started::incrementAndGet));
    assertThat(started.get()).isZero();

    assertThat(work.block(PATIENCE)).isEqualTo(1);
    assertThat(work.block(PATIENCE)).isEqualTo(2);
  }

  @Test
  void showsTheWorkItsSubscribersContext() {
    Mono<String> work =
        Uncancellable.of(
            unwanted -> Mono.deferContextual(context -> Mono.just(context.get("trace"))));

    assertThat(work.contextWrite(context -> context.put("trace", "7")).block(PATIENCE))
        .isEqualTo("7");
  }

  @Test
  void keepsAResultUntilItIsDemanded() {
    Mono<String> work = Uncancellable.of(unwanted -> result.asMono(), released::add);

    StepVerifier.create(work, 0)
        .then(() -> result.tryEmitValue("early"))
        .expectNoEvent(Duration.ofMillis(20))
        .thenRequest(1)
        .expectNext("early")
        .verifyComplete();
    assertThat(released).isEmpty();
  }

  @Test
  void releasesAResultThatWasNeverDemanded() {
    StepVerifier.create(Uncancellable.of(unwanted -> result.asMono(), released::add), 0)
        .then(() -> result.tryEmitValue("early"))
        .thenCancel()
        .verify(PATIENCE);

    assertThat(released).containsExactly("early");
  }

  @Test
  void runsOnWhenCancelledAndReleasesTheResult() {
    List<BooleanSupplier> questions = new ArrayList<>();
    Disposable waiting =
        Uncancellable.of(
                unwanted -> {
                  questions.add(unwanted);
                  return result.asMono();
                },
                released::add)
            .subscribe();
    assertThat(questions.get(0).getAsBoolean()).isFalse();

    waiting.dispose();

    assertThat(questions.get(0).getAsBoolean()).isTrue();
    assertThat(result.currentSubscriberCount()).isEqualTo(1);
    result.tryEmitValue("late");
    assertThat(released).containsExactly("late");
  }

  @Test
  void dropsAnErrorThatNobodyWaitsFor() {
    Disposable waiting = Uncancellable.of(unwanted -> result.asMono()).subscribe();
    waiting.dispose();

    assertThat(result.tryEmitError(new IllegalStateException("too late")).isSuccess()).isTrue();
  }

  @Test
  void handsEachResultEitherOnOrBack() {
    AtomicInteger taken = new AtomicInteger();
    AtomicInteger handedBack = new AtomicInteger();
    AtomicInteger started = new AtomicInteger();
    for (int round = 0; round < 2_000; round++) {
      Sinks.Empty<Void> ended = Sinks.empty();
      Mono<Integer> work =
          Mono.<Integer>fromSupplier(started::incrementAndGet)
              .subscribeOn(Schedulers.parallel())
              .doAfterTerminate(ended::tryEmitEmpty);

      // A lambda's subscriber drops what meets its cancellation; ownership has passed by then.
      BaseSubscriber<Integer> owner =
          new BaseSubscriber<>() {
            @Override
            protected void hookOnNext(Integer onTime) {
              taken.incrementAndGet();
            }
          };
      Uncancellable.of(unwanted -> work, late -> handedBack.incrementAndGet()).subscribe(owner);
      owner.dispose();
      ended.asMono().block(PATIENCE);
    }

    assertThat(started.get()).isEqualTo(2_000);
    assertThat(taken.get() + handedBack.get()).isEqualTo(2_000);
  }
}
