package io.ringkernel.checkpoint.tck.kernel;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import reactor.core.Disposable;

/**
 * A kernel as the contract sees it: the kernel, what it declares, and ways to drive it and to look
 * at its memory that do not lead through a capture.
 *
 * <p>It is at rest when the kit gets it: nothing but {@link #advance} and {@link #run} makes it
 * change its state, and it can be captured and restored at rest as well as while it runs.
 */
public interface KernelUnderTest extends AutoCloseable {
  /** The kernel; always the same. */
  CheckpointableKernel kernel();

  /** What it declares; constant. */
  Set<KernelCapability> capabilities();

  /** What a capture must say now; its time of creation is not compared. Asked for at rest. */
  CheckpointMetadata metadata();

  /** The present state, part by part, in the order of the chunks. Asked for at rest. */
  List<StatePart> state();

  /**
   * Replaces the state by any bytes, also such as no kernel leaves there: it is not run before it
   * has been restored. Called at rest.
   *
   * @param parts in the order of {@link #state}, each as long as there
   */
  void overwrite(List<byte[]> parts);

  /**
   * Has at least one step done and returns when the kernel is at rest again; fails the test when
   * the kernel does not get on ({@link io.ringkernel.checkpoint.tck.Patience}).
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
   * Through which the kernel is brought to stand still and let run on, when there are any: they
   * count, and make it fail. A kernel without them can't be made to fail from outside, and the
   * tests that need it are reported as not applicable.
   */
  default Optional<KernelHooks> hooks() {
    return Optional.empty();
  }

  /** Ends it; the kit has closed all its checkpoints. */
  @Override
  void close();
}
