package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;

/**
 * A compressed chunk in a file: one LZ4 frame, or zstd frames one after the other.
 *
 * @param stored its bytes in the file
 * @param size bytes they must become
 * @param position of its first byte in the file
 * @param label names the chunk in messages
 * @param codec reads it
 */
record StoredFrame(
    ChunkContent stored, long size, long position, String label, CompressionCodec codec) {
  /** A finding in the frame, told with the chunk and the place in the file. */
  CorruptCheckpointException corrupt(long offsetInFrame, String reason) {
    return new CorruptCheckpointException(position + offsetInFrame, label + ": " + reason);
  }

  /** A codec's finding, told with the chunk and the place in the file. */
  CorruptCheckpointException corrupt(CorruptCheckpointException finding) {
    return new CorruptCheckpointException(
        position + finding.offset(), label + ": " + finding.reason(), finding);
  }
}
