package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import org.jspecify.annotations.Nullable;

/**
 * The state of a kernel's head, the record that all its saves go through.
 *
 * @param name where it lies in the store, or should
 * @param kernelId the kernel's id; null when it is too long to be in the name and no checkpoint has
 *     it either
 * @param finding what is wrong, and what to do: a {@link
 *     io.ringkernel.checkpoint.error.CorruptCheckpointException} when its bytes can't be what was
 *     written, when it knows fewer commits than there are, or when their numbers don't tell which
 *     is newer; a {@link io.ringkernel.checkpoint.error.CheckpointNotFoundException} when it is
 *     missing; whatever kept the storage from reading it; null when nothing is wrong
 */
public record HeadReport(
    String name, @Nullable String kernelId, @Nullable CheckpointException finding) {
  /** Whether it is as it should be. */
  public boolean isWhole() {
    return finding == null;
  }
}
