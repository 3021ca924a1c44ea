package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.ChunkContent;
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
}
