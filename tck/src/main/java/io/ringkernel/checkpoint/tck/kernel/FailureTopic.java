package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A kernel that does not stop, or does not run on, is told of by name and phase, is let run on
 * whatever happened, and can be captured again when that works.
 */
abstract class FailureTopic extends KernelTopic {
  private static final Duration SOON = Duration.ofMillis(20);

  private final IllegalStateException stuck = new IllegalStateException("stuck");

  FailureTopic(KernelContract contract) {
    super(contract);
  }

  private void assertStuck(Mono<?> call, Phase phase, String cause) {
    int before = hooks().quiesces();
    Throwable failure = failureOf(call);
    assertFailed(failure, phase);
    assertThat(failure).hasMessageContaining(kernel().kernelId()).hasStackTraceContaining(cause);
    assertThat(hooks().quiesces()).isEqualTo(before + 1);
    Patience.until("it is let run on", () -> hooks().resumes() == before + 1);
    hooks().heal();
    subject().advance();
  }

  @Test
  void runsOnWhenACaptureCouldNotStopIt() {
    hooks().quiesceEndsWith(Mono.error(stuck));
    assertStuck(kernel().createCheckpoint(), Phase.QUIESCE, "stuck");
  }

  @Test
  void isFreeForTheNextWhenItIsToldThatItCouldNotStop() {
    hooks().quiesceEndsWith(Mono.error(stuck));
    Mono<Checkpoint> again =
        kernel()
            .createCheckpoint()
            .onErrorResume(
                failure -> {
                  hooks().heal();
                  return kernel().createCheckpoint();
                });
    await(again, Checkpoint.class).close();
  }

  @Test
  void runsOnWhenItDidNotStopInTime() {
    hooks().quiesceEndsWith(Mono.<Void>never().timeout(SOON));
    assertStuck(kernel().createCheckpoint(), Phase.QUIESCE, TimeoutException.class.getSimpleName());
  }

  @Test
  void runsOnWhenTheHookItselfThrows() {
    hooks().quiesceThrows(stuck);
    assertStuck(kernel().createCheckpoint(), Phase.QUIESCE, "stuck");
  }

  @Test
  void passesOnAnErrorThatSaysItAll() {
    KernelException own = new KernelException("other", Phase.QUIESCE, "says it all", null);
    hooks().quiesceEndsWith(Mono.error(own));
    assertThat(failureOf(kernel().createCheckpoint())).isSameAs(own);
    hooks().heal();
  }

  @Test
  void runsOnWhenTheCallerGaveUpWaiting() {
    hooks().quiesceEndsWith(Sinks.<Void>empty().asMono());
    Throwable failure = failureOf(kernel().createCheckpoint().timeout(SOON));
    assertThat(failure).hasRootCauseInstanceOf(TimeoutException.class);
    Patience.until("it is let run on", () -> hooks().resumes() == hooks().quiesces());
    hooks().heal();
    subject().advance();
  }

  @Test
  void saysThatACapturedKernelCouldNotRunOn() {
    hooks().resumeBeginsWith(Mono.error(stuck));
    if (can(KernelCapability.SHADOW)) {
      Throwable failure = failureOf(kernel().createCheckpoint());
      assertFailed(failure, Phase.RESUME);
      assertThat(failure).hasStackTraceContaining("stuck");
    } else {
      assertFailed(failureOf(capture().release()), Phase.RESUME);
    }
    Patience.until("it was tried once", () -> hooks().resumes() == hooks().quiesces());
    hooks().heal();
  }

  @Test
  void saysThatItStandsStillAfterAFailedCaptureWithThatFailure() {
    hooks().quiesceEndsWith(Mono.error(new IllegalStateException("did not stop")));
    hooks().resumeBeginsWith(Mono.error(stuck));
    Throwable failure = failureOf(kernel().createCheckpoint());
    assertFailed(failure, Phase.QUIESCE);
    assertSaysThatItStands(failure);
    hooks().heal();
  }

  private static void assertSaysThatItStands(@Nullable Throwable failure) {
    assertThat(failure)
        .isInstanceOfSatisfying(
            KernelException.class,
            error ->
                assertThat(error.getSuppressed())
                    .anySatisfy(also -> assertFailed(also, Phase.RESUME)));
  }

  @Test
  void saysThatItStandsStillThoughNothingWasRestored() {
    try (Checkpoint checkpoint = checkpoints.of(subject().metadata(), subject().state())) {
      hooks().quiesceEndsWith(Mono.error(new IllegalStateException("did not stop")));
      hooks().resumeBeginsWith(Mono.error(stuck));
      Throwable failure = failureOf(kernel().restoreFromCheckpoint(checkpoint));
      assertFailed(failure, Phase.QUIESCE);
      assertSaysThatItStands(failure);
      hooks().heal();
    }
  }

  @Test
  void keepsItsStateWhenARestoreCouldNotStopIt() {
    CheckpointMetadata metadata = subject().metadata();
    List<StatePart> earlier = subject().state();
    subject().advance();
    List<StatePart> present = subject().state();
    hooks().quiesceEndsWith(Mono.error(stuck));
    try (Checkpoint checkpoint = checkpoints.of(metadata, earlier)) {
      Throwable failure = failureOf(kernel().restoreFromCheckpoint(checkpoint));
      assertFailed(failure, Phase.QUIESCE);
    }
    Patience.until("it is let run on", () -> hooks().resumes() == hooks().quiesces());
    hooks().heal();
    assertSame(subject().state(), present);
  }

  @Test
  void saysThatARestoredKernelCouldNotRunOn() {
    CheckpointMetadata metadata = subject().metadata();
    List<StatePart> earlier = subject().state();
    subject().advance();
    hooks().resumeBeginsWith(Mono.error(stuck));
    try (Checkpoint checkpoint = checkpoints.of(metadata, earlier)) {
      Throwable failure = failureOf(kernel().restoreFromCheckpoint(checkpoint));
      assertFailed(failure, Phase.RESUME);
      assertThat(failure).hasStackTraceContaining("stuck");
    }
    hooks().heal();
    assertSame(subject().state(), earlier);
  }
}
