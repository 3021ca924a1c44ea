package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Whoever releases a checkpoint is told when the kernel runs on, or that it does not; once, however
 * often it is asked, and to the end, whoever gives up.
 */
abstract class ReleaseTopic extends KernelTopic {
  ReleaseTopic(KernelContract contract) {
    super(contract);
  }

  @Test
  void runsOnWhenItIsToldSo() {
    Checkpoint checkpoint = capture();
    await(checkpoint.release());
    subject().advance();
    await(checkpoint.release());
    checkpoint.close();
    subject().advance();
  }

  @Test
  void standsStillUntilThenUnlessItHasAShadow() {
    KernelHooks hooks = hooks();
    int before = hooks.resumes();
    Checkpoint checkpoint = capture();
    List<StatePart> state = subject().state();
    Mono<Void> release = checkpoint.release();
    assertThat(hooks.resumes()).isEqualTo(can(KernelCapability.SHADOW) ? before + 1 : before);
    assertSame(read(checkpoint), state);
    await(release);
    assertThat(hooks.resumes()).isEqualTo(before + 1);
  }

  @Test
  void isToldNoEarlierThanTheKernelRunsOn() {
    KernelHooks hooks = hooks();
    Sinks.Empty<Void> gate = Sinks.empty();
    int before = hooks.resumes();
    hooks.resumeBeginsWith(gate.asMono());
    CompletableFuture<Void> released =
        kernel().createCheckpoint().flatMap(Checkpoint::release).toFuture();
    Patience.until("it is let run on", () -> hooks.resumes() == before + 1);
    assertThat(released).isNotDone();
    gate.tryEmitEmpty();
    await(Mono.fromFuture(released));
    assertThat(hooks.resumes()).as("once").isEqualTo(before + 1);
    hooks.heal();
  }

  @Test
  void runsOnThoughWhoAskedForItGivesUp() {
    KernelHooks hooks = hooks();
    int before = hooks.resumes();
    Checkpoint checkpoint = capture();
    Sinks.Empty<Void> gate = Sinks.empty();
    hooks.resumeBeginsWith(gate.asMono());
    checkpoint.release().subscribe().dispose();
    Patience.until("it is let run on", () -> hooks.resumes() == before + 1);
    gate.tryEmitEmpty();
    await(checkpoint.release());
    hooks.heal();
    subject().advance();
  }

  @Test
  void saysToAllWhoAskThatItCouldNotRunOn() {
    KernelHooks hooks = hooks();
    Checkpoint checkpoint = capture();
    hooks.resumeBeginsWith(Mono.error(new IllegalStateException("stuck")));
    Throwable failure = failureOf(checkpoint.release());
    if (can(KernelCapability.SHADOW)) {
      assertThat(failure).as("it runs on already").isNull();
    } else {
      assertFailed(failure, Phase.RESUME);
      assertThat(failure)
          .hasStackTraceContaining("stuck")
          .hasMessageContaining(kernel().kernelId());
    }
    checkpoint.close();
    assertThat(failureOf(checkpoint.release())).isSameAs(failure);
    assertThat(hooks.resumes()).as("it is tried once").isEqualTo(hooks.quiesces());
    hooks.heal();
  }
}
