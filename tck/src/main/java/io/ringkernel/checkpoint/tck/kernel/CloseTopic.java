package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/**
 * A kernel that an adapter made is closed when nobody uses it any more, and then refuses all. What
 * its memory is is the caller's, and stays as it is.
 */
abstract class CloseTopic extends KernelTopic {
  CloseTopic(KernelContract contract) {
    super(contract);
  }

  private AdaptedKernel adapted() {
    KernelUnderTest other = startAnother();
    Assumptions.assumeTrue(
        other.kernel() instanceof AdaptedKernel, "not applicable: no adapter made this kernel");
    stop(other);
    return (AdaptedKernel) other.kernel();
  }

  @Test
  void doesNothingBeforeItIsAskedTo() {
    AdaptedKernel kernel = adapted();
    Mono<Void> close = kernel.close();
    await(kernel.createCheckpoint(), Checkpoint.class).close();
    await(close);
  }

  @Test
  void refusesAllOnceItIsClosedWhichMayBeDoneAgain() {
    AdaptedKernel kernel = adapted();
    await(kernel.close());
    await(kernel.close());
    assertFailed(failureOf(kernel.createCheckpoint()), Phase.CAPTURE);
    assertFailed(failureOf(kernel.quiesce()), Phase.QUIESCE);
    try (Checkpoint checkpoint = checkpoints.of(subject().metadata(), subject().state())) {
      Throwable failure = failureOf(kernel.restoreFromCheckpoint(checkpoint));
      assertFailed(failure, Phase.RESTORE);
      assertThat(failure).hasMessageContaining("closed");
    }
  }

  @Test
  void waitsForACheckpointThatIsOpen() {
    AdaptedKernel kernel = adapted();
    Checkpoint checkpoint = await(kernel.createCheckpoint(), Checkpoint.class);
    List<StatePart> before = read(checkpoint);
    CompletableFuture<Void> close = kernel.close().toFuture();
    assertThat(close).isNotDone();
    assertFailed(failureOf(kernel.createCheckpoint()), Phase.CAPTURE);
    assertSame(read(checkpoint), before);
    checkpoint.close();
    await(Mono.fromFuture(close));
  }

  @Test
  void waitsForACutToEnd() {
    AdaptedKernel kernel = adapted();
    QuiescedKernel standing = await(kernel.quiesce(), QuiescedKernel.class);
    CompletableFuture<Void> close = kernel.close().toFuture();
    assertThat(close).isNotDone();
    await(standing.resume(HlcTimestamp.ZERO));
    await(Mono.fromFuture(close));
  }
}
