package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A kernel that can be kept standing stands still until it is let run on, is captured and restored
 * where it stands, and runs on whoever gives up: after each test it is captured once more.
 */
abstract class QuiesceTopic extends KernelTopic {
  private static final int ROUNDS = 40;
  private static final Duration A_WHILE = Duration.ofMillis(50);

  QuiesceTopic(KernelContract contract) {
    super(contract);
  }

  private QuiescableKernel quiescable() {
    Assumptions.assumeTrue(
        can(KernelCapability.QUIESCES), "not applicable: this kernel can't be kept standing");
    return (QuiescableKernel) kernel();
  }

  private QuiescedKernel quiesce() {
    // The one before may not have ended yet where a second is refused.
    return await(quiescable().quiesce().retryWhen(whereRefused()), QuiescedKernel.class);
  }

  private static void resume(QuiescedKernel standing) {
    await(standing.resume(HlcTimestamp.ZERO));
  }

  /** Lets go of what it gets, also of what reaches it while it cancels. */
  private static class Receiver extends BaseSubscriber<QuiescedKernel> {
    volatile boolean received;

    @Override
    protected void hookOnNext(QuiescedKernel standing) {
      received = true;
      standing.resume(HlcTimestamp.ZERO).subscribe();
    }

    @Override
    protected void hookOnError(Throwable refused) {
      // Where a second one is refused, the one before may not have ended yet.
    }
  }

  @Test
  void isWhatTheKernelDeclares() {
    assertThat(kernel() instanceof QuiescableKernel).isEqualTo(can(KernelCapability.QUIESCES));
  }

  @Test
  void standsStillUntilItIsLetRunOn() {
    quiescable();
    Disposable run = subject().run();
    QuiescedKernel standing = quiesce();
    List<StatePart> before = subject().state();
    Mono.delay(A_WHILE).block();
    assertSame(subject().state(), before);
    subject().assertWasReached(subject().metadata(), before);
    resume(standing);
    run.dispose();
  }

  @Test
  void tellsItsTimeAndIsCapturedWhereItStands() {
    quiescable();
    Disposable run = subject().run();
    QuiescedKernel standing = quiesce();
    List<StatePart> state = subject().state();
    assertThat(standing.hlc()).isEqualTo(subject().metadata().hlc());
    assertThat(standing.kernelId()).isEqualTo(kernel().kernelId());
    assertThat(standing.kernelType()).isEqualTo(kernel().kernelType());
    for (int i = 0; i < 2; i++) {
      try (Checkpoint checkpoint = await(standing.createCheckpoint(), Checkpoint.class)) {
        assertSame(read(checkpoint), state);
        assertThat(checkpoint.metadata().step()).isEqualTo(subject().metadata().step());
      }
    }
    assertSame(subject().state(), state);
    resume(standing);
    run.dispose();
  }

  @Test
  void isStoppedOnceAndLetRunOnOnceWhateverIsDoneWhereItStands() {
    QuiescableKernel quiescable = quiescable();
    KernelHooks hooks = hooks();
    int before = hooks.quiesces();
    QuiescedKernel standing = await(quiescable.quiesce(), QuiescedKernel.class);
    await(standing.createCheckpoint(), Checkpoint.class).close();
    try (Checkpoint checkpoint = checkpoints.of(subject().metadata(), subject().state())) {
      await(standing.restoreFromCheckpoint(checkpoint));
    }
    assertThat(hooks.quiesces()).isEqualTo(before + 1);
    assertThat(hooks.resumes()).isEqualTo(before);
    Mono<Void> resume = standing.resume(HlcTimestamp.ZERO);
    await(Mono.when(resume, resume, standing.resume(HlcTimestamp.ZERO)));
    assertThat(hooks.resumes()).isEqualTo(before + 1);
  }

  @Test
  void isNotWorkedOnThereOnceItRunsOn() {
    quiescable();
    QuiescedKernel standing = quiesce();
    try (Checkpoint checkpoint = checkpoints.of(subject().metadata(), subject().state())) {
      resume(standing);
      subject().advance();
      List<StatePart> present = subject().state();
      assertFailed(failureOf(standing.createCheckpoint()), Phase.CAPTURE);
      assertFailed(failureOf(standing.restoreFromCheckpoint(checkpoint)), Phase.RESTORE);
      assertSame(subject().state(), present);
    }
    resume(standing);
  }

  @Test
  void isRestoredWhereItStandsAndRunsOnFromThere() {
    quiescable();
    List<StatePart> earlier = subject().state();
    try (Checkpoint checkpoint = checkpoints.of(subject().metadata(), earlier)) {
      subject().advance();
      QuiescedKernel standing = quiesce();
      await(standing.restoreFromCheckpoint(checkpoint));
      assertSame(subject().state(), earlier);
      resume(standing);
    }
    assertSame(subject().state(), earlier);
    subject().advance();
    subject().assertWasReached(subject().metadata(), subject().state());
  }

  @Test
  void keepsStandingOnHalfAStateAndIsNotCaptured() {
    quiescable();
    Assumptions.assumeFalse(
        can(KernelCapability.STAGED_RESTORE), "not applicable: all is read before it is written");
    KernelHooks hooks = hooks();
    List<StatePart> state = subject().state();
    Mono<Void> fault = Mono.error(new IllegalStateException("bad sector"));
    try (Checkpoint broken = checkpoints.of(subject().metadata(), state, 0, fault);
        Checkpoint whole = checkpoints.of(subject().metadata(), state)) {
      QuiescedKernel standing = quiesce();
      int resumes = hooks.resumes();
      assertFailed(failureOf(standing.restoreFromCheckpoint(broken)), Phase.RESTORE);
      assertFailed(failureOf(standing.createCheckpoint()), Phase.CAPTURE);
      resume(standing);
      assertThat(hooks.resumes()).as("it does not run on with half a state").isEqualTo(resumes);
      leftStanding();
      await(kernel().restoreFromCheckpoint(whole));
    }
    assertSame(subject().state(), state);
  }

  @Test
  void countsAsOneCapture() {
    quiescable();
    QuiescedKernel standing = quiesce();
    // In whatever order they get their turns.
    CompletableFuture<?> other = kernel().createCheckpoint().doOnNext(Checkpoint::close).toFuture();
    CompletableFuture<?> second =
        quiescable().quiesce().flatMap(next -> next.resume(HlcTimestamp.ZERO)).toFuture();
    if (can(KernelCapability.WAITS)) {
      assertThat(other).isNotDone();
      assertThat(second).isNotDone();
      resume(standing);
      await(Mono.when(Mono.fromFuture(other), Mono.fromFuture(second)));
    } else {
      assertFailed(failureOf(Mono.fromFuture(other)), Phase.CAPTURE);
      assertFailed(failureOf(Mono.fromFuture(second)), Phase.CAPTURE);
      resume(standing);
    }
  }

  @Test
  void runsOnWithAShadowOpenAndWaitsForAStraightCapture() {
    quiescable();
    List<StatePart> state = subject().state();
    QuiescedKernel standing = quiesce();
    Checkpoint checkpoint = await(standing.createCheckpoint(), Checkpoint.class);
    if (can(KernelCapability.SHADOW)) {
      resume(standing);
      subject().advance();
      assertSame(read(checkpoint), state);
      checkpoint.close();
    } else {
      CompletableFuture<Void> resume = standing.resume(HlcTimestamp.ZERO).toFuture();
      assertSame(read(checkpoint), state);
      assertThat(resume).isNotDone();
      checkpoint.close();
      await(Mono.fromFuture(resume));
    }
  }

  @Test
  void runsOnWhenItIsCancelledAtOnceOrAtWhateverMoment() {
    QuiescableKernel quiescable = quiescable();
    Random random = new Random(7);
    long begun = System.nanoTime();
    resume(quiesce());
    int longest = (int) Math.min(1_000_000_000, (System.nanoTime() - begun) * 2);
    Disposable run = subject().run();
    for (int i = 0; i < ROUNDS; i++) {
      Receiver receiver = new Receiver();
      quiescable.quiesce().subscribe(receiver);
      long until = System.nanoTime() + (i % 2 == 0 ? 0 : random.nextInt(longest));
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      receiver.cancel();
    }
    run.dispose();
  }

  @Test
  void runsOnWhenItIsCancelledWhileItStops() {
    QuiescableKernel quiescable = quiescable();
    KernelHooks hooks = hooks();
    int before = hooks.quiesces();
    hooks.quiesceEndsWith(Sinks.<Void>empty().asMono());
    Disposable quiesce = quiescable.quiesce().subscribe();
    Patience.until("it is asked to stand still", () -> hooks.quiesces() == before + 1);
    quiesce.dispose();
    Patience.until("it runs on", () -> hooks.resumes() == before + 1);
    hooks.heal();
  }

  @Test
  void isNotStoppedForOneThatIsCancelledWhileItWaitsForItsTurn() {
    QuiescableKernel quiescable = quiescable();
    KernelHooks hooks = hooks();
    QuiescedKernel standing = quiesce();
    int before = hooks.quiesces();
    quiescable.quiesce().subscribe(unexpected -> {}, refused -> {}).dispose();
    resume(standing);
    captureWhenItIsFree().close();
    assertThat(hooks.quiesces()).isEqualTo(before + 1);
  }

  @Test
  void runsOnWhenNobodyAskedForTheResult() {
    QuiescableKernel quiescable = quiescable();
    Receiver neverAsks =
        new Receiver() {
          @Override
          protected void hookOnSubscribe(Subscription subscription) {
            // No demand: whatever comes now comes unasked.
          }
        };
    quiescable.quiesce().subscribe(neverAsks);
    Mono.delay(A_WHILE).block();
    assertThat(neverAsks.received).isFalse();
    neverAsks.cancel();
  }

  @Test
  void runsOnWhenItCouldNotStop() {
    QuiescableKernel quiescable = quiescable();
    hooks().quiesceEndsWith(Mono.error(new IllegalStateException("stuck")));
    Throwable failure = failureOf(quiescable.quiesce());
    assertFailed(failure, Phase.QUIESCE);
    assertThat(failure).hasStackTraceContaining("stuck");
    Patience.until("it is let run on", () -> hooks().resumes() == hooks().quiesces());
    hooks().heal();
    subject().advance();
  }

  @Test
  void isFreeForTheNextWhenItIsToldThatItCouldNotStop() {
    QuiescableKernel quiescable = quiescable();
    hooks().quiesceEndsWith(Mono.error(new IllegalStateException("stuck")));
    Mono<QuiescedKernel> again =
        quiescable
            .quiesce()
            .onErrorResume(
                stuck -> {
                  hooks().heal();
                  return quiescable.quiesce();
                });
    resume(await(again, QuiescedKernel.class));
  }

  @Test
  void saysThatItCouldNotRunOn() {
    quiescable();
    hooks().resumeBeginsWith(Mono.error(new IllegalStateException("stuck")));
    Throwable failure = failureOf(quiesce().resume(HlcTimestamp.ZERO));
    assertFailed(failure, Phase.RESUME);
    assertThat(failure).hasStackTraceContaining("stuck");
    hooks().heal();
  }

  /** Reactor's operators throw such an error on, and signal nothing. */
  private static Mono<Void> unlinked() {
    return Mono.defer(
        () -> {
          throw new UnsatisfiedLinkError("no kernel.so");
        });
  }

  @Test
  void isFreeForTheNextWhenTheHookThatQuiescesIsNotLinked() {
    QuiescableKernel quiescable = quiescable();
    hooks().quiesceBeginsWith(unlinked());
    Throwable failure = failureOf(quiescable.quiesce());
    assertFailed(failure, Phase.QUIESCE);
    assertThat(failure).hasMessageContaining("no kernel.so");
    hooks().heal();
    resume(await(quiescable.quiesce(), QuiescedKernel.class));
  }

  @Test
  void isFreeForTheNextWhenTheHookThatResumesIsNotLinked() {
    QuiescableKernel quiescable = quiescable();
    hooks().resumeBeginsWith(unlinked());
    Throwable failure = failureOf(quiesce().resume(HlcTimestamp.ZERO));
    assertFailed(failure, Phase.RESUME);
    assertThat(failure).hasMessageContaining("no kernel.so");
    hooks().heal();
    resume(await(quiescable.quiesce(), QuiescedKernel.class));
  }
}
