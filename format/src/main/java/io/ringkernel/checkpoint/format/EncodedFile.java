package io.ringkernel.checkpoint.format;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an encoder wrote.
 *
 * @param formatVersion 1 or 2
 * @param size bytes of the file
 * @param stateSize raw bytes of all chunks
 * @param storedSize payload bytes of the chunks' blocks in this file
 * @param newSize raw bytes of the blocks in this file: neither zero nor in another file; all of
 *     them in version 1
 * @param blocks blocks of all chunks; 0 in version 1
 * @param zeroBlocks blocks that are all zero and take no space
 * @param ancestorBlocks blocks that other files hold
 * @param objectId names the file; null in version 1
 * @param rootHash pins the file; null in version 1
 * @param ancestors the files that blocks refer to; immutable
 * @param index the file's block index, for deltas on it; null when it was not requested ({@link
 *     EncodeOptions#maxIndexWeight}) or would weigh more, and in version 1
 */
public record EncodedFile(
    int formatVersion,
    long size,
    long stateSize,
    long storedSize,
    long newSize,
    long blocks,
    long zeroBlocks,
    long ancestorBlocks,
    @Nullable ObjectId objectId,
    @Nullable RootHash rootHash,
    List<Ancestor> ancestors,
    @Nullable BlockIndex index) {
  /** Copies {@code ancestors}. */
  public EncodedFile {
    ancestors = List.copyOf(ancestors);
  }
}
