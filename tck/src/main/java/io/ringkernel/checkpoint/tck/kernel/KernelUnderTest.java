package io.ringkernel.checkpoint.tck.kernel;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import reactor.core.Disposable;

/**
 * A kernel as the contract sees it: the kernel, what it declares, and ways to drive it and to read
 * its memory without a capture.
 *
 * <p>It is at rest when the kit gets it: only {@link #advance} and {@link #run} make it change its
 * state. It can be captured and restored at rest as well as while it runs.
 */
public interface KernelUnderTest extends AutoCloseable {
  /** The kernel; always the same. */
  CheckpointableKernel kernel();

  /** What it declares; constant. */
  Set<KernelCapability> capabilities();

  /**
   * The metadata that a capture must have now; its time of creation is not compared. Called at
   * rest.
   */
  CheckpointMetadata metadata();

  /** The present state, part by part, in the order of the chunks. Called at rest. */
  List<StatePart> state();

  /**
   * Replaces the state by any bytes, also by such that no kernel writes: the kernel does not run
   * before it has been restored. Called at rest.
   *
   * @param parts in the order of {@link #state}, each of the same length
   */
  void overwrite(List<byte[]> parts);

  /**
   * Lets the kernel do at least one step and returns when it is at rest again; fails the test when
   * the kernel makes no progress ({@link io.ringkernel.checkpoint.tck.Patience}).
   */
  void advance();

  /** Lets it run on and on. Disposing returns when it is at rest again, or stands still. */
  Disposable run();

  /**
   * Fails the test when the kernel never was in a state, for example because not all its words are
   * stamped with one step.
   *
   * @param metadata of the capture
   * @param parts its bytes
   */
  void assertWasReached(CheckpointMetadata metadata, List<StatePart> parts);

  /**
   * The hooks that bring the kernel to stand still and let it run on, if there are any: they count,
   * and make it fail. A kernel without hooks can't be made to fail from outside, and the tests that
   * need this are reported as not applicable.
   */
  default Optional<KernelHooks> hooks() {
    return Optional.empty();
  }

  /** Ends it; the kit has closed all its checkpoints. */
  @Override
  void close();
}
