package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** A restored kernel is what it was, bit for bit, and goes on from there. */
abstract class RestoreTopic extends KernelTopic {
  RestoreTopic(KernelContract contract) {
    super(contract);
  }

  @Test
  void bringsEveryByteBack() {
    CheckpointMetadata metadata = subject().metadata();
    List<StatePart> state = subject().state();
    subject().advance();
    overwrite(1);
    restore(metadata, state);
    assertSame(subject().state(), state);
    assertThat(subject().metadata()).isEqualTo(metadata);
  }

  /** From memory that is garbage as soon as the restore says that it has ended. */
  private void restore(CheckpointMetadata metadata, List<StatePart> state) {
    try (Checkpoint checkpoint = checkpoints.of(metadata, state)) {
      await(kernel().restoreFromCheckpoint(checkpoint));
    }
  }

  @Test
  void goesOnFromTheRestoredStep() {
    CheckpointMetadata metadata = subject().metadata();
    List<StatePart> state = subject().state();
    for (int i = 0; i < 3; i++) {
      subject().advance();
    }
    restore(metadata, state);
    assertThat(stepOfACapture(subject())).isEqualTo(metadata.step());
    subject().advance();
    assertThat(stepOfACapture(subject())).isGreaterThan(metadata.step());
  }

  private long stepOfACapture(KernelUnderTest of) {
    try (Checkpoint checkpoint = await(of.kernel().createCheckpoint(), Checkpoint.class)) {
      of.assertWasReached(checkpoint.metadata(), read(checkpoint));
      return checkpoint.metadata().step();
    }
  }

  @Test
  void givesItsStateToAnotherKernel() {
    KernelUnderTest other = startAnother();
    subject().advance();
    List<StatePart> state = subject().state();
    try (Checkpoint checkpoint = capture()) {
      await(other.kernel().restoreFromCheckpoint(checkpoint));
    }
    assertSame(other.state(), state);
    other.advance();
    assertThat(stepOfACapture(other)).isGreaterThan(subject().metadata().step());
  }

  @Test
  void isTakenOverByAKernelThatRunsOn() {
    CheckpointMetadata metadata = subject().metadata();
    List<StatePart> state = subject().state();
    Disposable run = subject().run();
    for (int i = 0; i < 5; i++) {
      restore(metadata, state);
      assertThat(stepOfACapture(subject())).isGreaterThanOrEqualTo(metadata.step());
    }
    run.dispose();
  }

  @Test
  void standsStillAfterOneThatFailedHalfWayUnlessItReadAllBefore() {
    CheckpointMetadata metadata = subject().metadata();
    List<StatePart> state = subject().state();
    subject().advance();
    List<StatePart> present = subject().state();
    Throwable failure = failHalfWay(metadata, state);
    if (can(KernelCapability.STAGED_RESTORE)) {
      assertSame(subject().state(), present);
      subject().advance();
    } else {
      assertFailed(failure, Phase.RESTORE);
      assertThat(failure).as("says what is done").hasMessageContaining(" of " + size(state) + " ");
      leftStanding();
      assertFailed(failureOf(kernel().createCheckpoint()), Phase.CAPTURE);
      failHalfWay(metadata, state);
      leftStanding();
      subject()
          .hooks()
          .ifPresent(hooks -> assertThat(hooks.quiesces()).isEqualTo(hooks.resumes() + 2));
    }
    restore(metadata, state);
    assertSame(subject().state(), state);
  }

  private static long size(List<StatePart> state) {
    return state.stream().mapToLong(part -> part.bytes().length).sum();
  }

  private @Nullable Throwable failHalfWay(CheckpointMetadata metadata, List<StatePart> state) {
    Mono<Void> fault = Mono.error(new IllegalStateException("bad sector"));
    try (Checkpoint broken = checkpoints.of(metadata, state, largest(state), fault)) {
      Throwable failure = failureOf(kernel().restoreFromCheckpoint(broken));
      assertThat(failure).hasStackTraceContaining("bad sector");
      return failure;
    }
  }
}
