package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.Ancestor;
import org.jspecify.annotations.Nullable;

/**
 * A file that blocks are read from.
 *
 * @param bytes the whole file
 * @param end where its last section before the directory ends
 * @param ancestor which it is; null for the file that was opened
 */
record BlockSource(ChunkContent bytes, long end, @Nullable Ancestor ancestor) {
  /** For messages: which file an offset is in, when it is not the one that was opened. */
  String place() {
    return ancestor == null ? "" : " in ancestor " + ancestor.id();
  }

  /** Damage in this file. */
  CorruptCheckpointException corrupt(long offset, String reason, @Nullable Throwable cause) {
    return new CorruptCheckpointException(
        offset, reason, cause, ancestor == null ? null : ancestor.id().hex());
  }

  /** Refuses a block that is not between the file's header and its end. */
  void requireWithin(long position, int length) {
    if (position > end - length) {
      throw corrupt(position, "a block is not within its file" + place(), null);
    }
  }
}
