package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.CheckpointMetadata;
import java.util.List;

/**
 * What follows the header, as a scan found it.
 *
 * @param metadata what it is a checkpoint of
 * @param chunks in order
 */
record Body(CheckpointMetadata metadata, List<Found> chunks) {
  /**
   * A chunk.
   *
   * @param entry its header
   * @param position of its first byte in the file
   * @param occurrence counts chunks of its type and id from 0
   * @param compressed whether its bytes are
   */
  record Found(ChunkEntry entry, long position, int occurrence, boolean compressed) {
    /** Bytes of the content, whatever the header of a leniently read file tells. */
    long contentSize() {
      return compressed ? entry.uncompressedSize() : entry.compressedSize();
    }
  }
}
