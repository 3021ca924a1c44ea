package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.CheckpointMetadata;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a file says of itself before a page or block is read, verified against its root hash; {@link
 * OutlineReader} reads it.
 *
 * @param header its first bytes
 * @param metadata what it is a checkpoint of
 * @param directory the top level of its index
 * @param trailer its last bytes
 * @param tail the bytes before the directory that came with it in one read: mostly the index pages
 */
record Outline(
    Header header,
    CheckpointMetadata metadata,
    Directory directory,
    Trailer trailer,
    ByteBuffer tail) {
  /** Where the first section begins. */
  long firstSection() {
    return Layout.HEADER_SIZE + (long) header.metadataLength();
  }

  /** Where the last block or page ends and the directory begins. */
  long directoryPosition() {
    return trailer.directoryPosition();
  }

  /** Bytes of the file that are here already; null when they are not. */
  @Nullable ByteBuffer inTail(long position, int length) {
    long from = position - (directoryPosition() - tail.remaining());
    return from < 0 || length > tail.remaining() - from ? null : tail.slice((int) from, length);
  }
}
