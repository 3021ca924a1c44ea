package io.ringkernel.checkpoint.kernel.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class ResumeHookTest {
  private final List<TestPublisher<Void>> runs = new ArrayList<>();
  private final ResumeHook hook =
      new ResumeHook(
          () -> {
            TestPublisher<Void> run = TestPublisher.create();
            runs.add(run);
            return run.mono();
          });

  @Test
  void doesNothingBeforeItIsSubscribedTo() {
    Mono<Void> unused = hook.run();
    StepVerifier.create(hook.over()).verifyComplete();
    assertThat(runs).isEmpty();
  }

  @Test
  void endsAsTheHookDoesAndCanBeRunAgain() {
    StepVerifier.create(hook.run()).then(() -> runs.get(0).complete()).verifyComplete();
    StepVerifier.create(hook.run())
        .then(() -> runs.get(1).error(new IllegalStateException("stuck")))
        .verifyErrorMessage("stuck");
    StepVerifier.create(hook.over()).verifyComplete();
    assertThat(runs).hasSize(2);
  }

  @Test
  void tellsOfAHookThatThrows() {
    ResumeHook throwing =
        new ResumeHook(
            () -> {
              throw new IllegalStateException("no hook");
            });

    StepVerifier.create(throwing.run()).verifyErrorMessage("no hook");
    StepVerifier.create(throwing.over()).verifyComplete();
  }

  @Test
  void goesOnWhenNobodyWaitsForItAnyMore() {
    hook.run().subscribe().dispose();

    runs.get(0).assertNotCancelled();
    StepVerifier.create(hook.over())
        .expectSubscription()
        .then(() -> runs.get(0).error(new IllegalStateException("nobody is told")))
        .verifyComplete();
  }

  @Test
  void isOverWhenTheRunHasEndedThatIsUnderWayAsItIsSubscribedTo() {
    AtomicBoolean isOver = new AtomicBoolean();
    Mono<Void> over = hook.over();
    hook.run().subscribe();
    over.subscribe(nothing -> {}, error -> {}, () -> isOver.set(true));

    assertThat(isOver).isFalse();
    runs.get(0).complete();
    assertThat(isOver).isTrue();
  }

  @Test
  void joinsTheRunThatIsUnderWay() {
    AtomicBoolean done = new AtomicBoolean();
    hook.run().subscribe().dispose();
    hook.run().subscribe(nothing -> {}, error -> {}, () -> done.set(true));

    assertThat(runs).hasSize(1);
    runs.get(0).complete();
    assertThat(done).isTrue();
    hook.run().subscribe();
    assertThat(runs).hasSize(2);
  }

  @Test
  void whoIsToldOfItsEndMayRunItAgain() {
    StepVerifier.create(hook.run().then(hook.run()).onErrorResume(stuck -> hook.run()))
        .then(() -> runs.get(0).complete())
        .then(() -> runs.get(1).error(new IllegalStateException("stuck")))
        .then(() -> runs.get(2).complete())
        .verifyComplete();
  }

  @Test
  void whoGivesUpWaitingForOneThatHasEndedLeavesTheNextAlone() {
    Disposable.Swap waiting = Disposables.swap();
    hook.run()
        .doOnSuccess(
            nothing -> {
              hook.run().subscribe();
              waiting.dispose();
            })
        .subscribe();
    waiting.update(hook.over().subscribe());
    runs.get(0).complete();

    hook.run().subscribe();
    assertThat(runs).hasSize(2);
  }

  @Test
  void isCancelledByWhoGivesUpWaitingForItsEnd() {
    List<Throwable> told = new ArrayList<>();
    hook.run()
        .doOnError(error -> runs.get(0).assertCancelled())
        .subscribe(nothing -> {}, told::add);
    hook.over().subscribe().dispose();

    assertThat(told).singleElement().asString().contains("it did not end in time");
    StepVerifier.create(hook.over()).verifyComplete();
    StepVerifier.create(hook.run()).then(() -> runs.get(1).complete()).verifyComplete();
  }

  @Test
  void givesTheHookTheSubscribersContext() {
    ResumeHook reading =
        new ResumeHook(
            () ->
                Mono.deferContextual(
                    context ->
                        Mono.error(new IllegalStateException(context.<String>get("trace")))));

    StepVerifier.create(reading.run().contextWrite(context -> context.put("trace", "id-1")))
        .verifyErrorMessage("id-1");
  }
}
