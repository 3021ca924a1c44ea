package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import org.jspecify.annotations.Nullable;

/**
 * What a verification found.
 *
 * @param name what was verified
 * @param depth how much of it
 * @param finding the first thing that is wrong: mostly a {@link
 *     io.ringkernel.checkpoint.error.CorruptCheckpointException} with its offset; null when all is
 *     as written
 */
public record VerifyReport(String name, VerifyDepth depth, @Nullable CheckpointException finding) {
  /** Whether everything that was verified is as it was written. */
  public boolean isWhole() {
    return finding == null;
  }
}
