package io.ringkernel.checkpoint.kernel;

import io.ringkernel.checkpoint.Checkpoint;
import reactor.core.publisher.Mono;

/**
 * Something with state that can be captured and restored.
 *
 * <p>MUST:
 *
 * <ul>
 *   <li>capture a state that the kernel really was in, at one moment: never a mixture of two;
 *   <li>complete {@link #createCheckpoint} when the content is stable until the checkpoint is
 *       closed. With a shadow copy the kernel already runs again; without one it stands still until
 *       close, and the {@link io.ringkernel.checkpoint.CaptureReport} says so. {@link
 *       Checkpoint#release} completes when the kernel runs on, and fails when it does not;
 *   <li>let one capture or restore be under way at a time: a second waits, or fails with {@link
 *       io.ringkernel.checkpoint.error.KernelException}. A restore never waits for the close of a
 *       checkpoint that holds the kernel: it may be from that very checkpoint;
 *   <li>run on after a capture that failed or was cancelled, and close a checkpoint that nobody
 *       received;
 *   <li>refuse a checkpoint that it can't take over before it changes anything, and name the chunk.
 *       After a restore that failed or was cancelled half-way, stand still and refuse captures
 *       until another one succeeds; the error says how many of the bytes are written ("1024 of 4096
 *       bytes"). A kernel that reads all before it changes anything runs on unchanged instead;
 *   <li>do nothing before subscription, and no blocking work on the subscriber's thread.
 * </ul>
 */
public interface CheckpointableKernel {
  /** Which kernel; constant. */
  String kernelId();

  /** Which program it runs: a checkpoint of another type is never restored into it; constant. */
  String kernelType();

  /** Captures the whole state; whoever receives the checkpoint closes it. */
  Mono<Checkpoint> createCheckpoint();

  /**
   * Takes over the state of a checkpoint: afterwards the kernel is as it was when the checkpoint
   * was taken.
   *
   * @param checkpoint stays the caller's, who closes it after this has ended
   */
  Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint);

  /** Whether {@link #createIncrementalCheckpoint} is better than comparing everything; constant. */
  default boolean supportsIncremental() {
    return false;
  }

  /**
   * Captures the state against a base. The chunks still have the sizes of the whole state. What the
   * kernel knows of changes comes as {@link io.ringkernel.checkpoint.DataChunk#changedBlocks} and
   * fingerprints; only changed blocks need to be readable.
   *
   * @param base its chunks have fingerprints; stays the caller's
   */
  default Mono<Checkpoint> createIncrementalCheckpoint(Checkpoint base) {
    return createCheckpoint();
  }
}
