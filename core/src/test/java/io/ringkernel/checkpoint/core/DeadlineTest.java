package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.core.host.ShadowCopies;
import io.ringkernel.checkpoint.error.StallBudgetException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

@Timeout(60)
class DeadlineTest {
  private static final Duration AN_HOUR = Duration.ofHours(1);

  private final Sinks.Empty<Void> gate = Sinks.empty();

  private static Scheduler closedTimer() {
    Scheduler timer = Schedulers.newSingle("closed");
    timer.dispose();
    return timer;
  }

  @Test
  void endsWhatTakesLonger() {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    StepVerifier.create(new Deadline(AN_HOUR, time).on(gate.asMono()))
        .then(() -> time.advanceTimeBy(AN_HOUR))
        .expectErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("within 1 h"))
        .verify(AN_HOUR);
    assertThat(gate.currentSubscriberCount()).isZero();
    time.dispose();
  }

  @Test
  void mayBeForEver() {
    StepVerifier.create(
            new Deadline(ChronoUnit.FOREVER.getDuration(), Schedulers.parallel()).on(gate.asMono()))
        .then(gate::tryEmitEmpty)
        .verifyComplete();
  }

  @Test
  void cutsNothingShortWhenItsTimerWasClosed() {
    StepVerifier.create(new Deadline(AN_HOUR, closedTimer()).on(gate.asMono()))
        .then(() -> assertThat(gate.currentSubscriberCount()).isOne())
        .then(gate::tryEmitEmpty)
        .verifyComplete();
  }

  @Test
  void letsAKernelRunOnWhenTheCheckpointerWasClosedMeanwhile() {
    Checkpoint captured =
        Checkpoint.builder(TestStates.metadata("fdtd", 1)).onRelease(gate.asMono()).build();

    StepVerifier.create(new KernelLimit(AN_HOUR, closedTimer()).release(captured))
        .then(gate::tryEmitEmpty)
        .verifyComplete();
  }

  @Test
  void letsTheKernelsOfACutRunOnWhenTheCheckpointerWasClosedMeanwhile() {
    HeldKernel kernel = new HeldKernel("left");
    LocalParticipant participant =
        new LocalParticipant(
            kernel.kernel(),
            new LocalParticipant.Means(
                (waiting, committing) -> Mono.never(),
                saved -> Mono.never(),
                name -> Mono.empty(),
                new StallGuard(new ShadowCopies(0), new KernelLimit(AN_HOUR, closedTimer())),
                null,
                new KernelLimit(AN_HOUR, closedTimer())));

    StepVerifier.create(participant.quiesce()).expectNextCount(1).verifyComplete();
    assertThat(List.of(kernel.stops.get(), kernel.starts.get())).containsExactly(1, 0);
    StepVerifier.create(participant.abort(new IllegalStateException("over"))).verifyComplete();

    assertThat(kernel.runs()).isTrue();
  }

  @Test
  void aBudgetThatIsFoundExceededWhenTheKernelRunsOnIsToldBeforeTheTimerDoes() {
    VirtualTimeScheduler stands = VirtualTimeScheduler.create();
    StallGuard guard = new StallGuard(new ShadowCopies(0), new KernelLimit(AN_HOUR, stands));
    StallGuard.Guarded kernel =
        guard.guarded(
            new HeldKernel("left", "capture=straight").kernel(),
            new StallBudget(Duration.ofMillis(50), OverBudget.REFUSE));

    StepVerifier.create(
            kernel.giveUpInTime(
                kernel
                    .createCheckpoint()
                    .delayUntil(captured -> Mono.delay(Duration.ofMillis(60)))
                    .flatMap(Checkpoint::release)
                    .then(Mono.never())))
        .expectError(StallBudgetException.class)
        .verify(TestStates.LONG);
    stands.dispose();
  }
}
