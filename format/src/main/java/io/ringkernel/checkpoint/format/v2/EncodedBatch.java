package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.OwnedBuffer;
import java.util.Deque;
import java.util.List;

/**
 * What became of a batch.
 *
 * @param ranges its blocks, all of them settled
 * @param pieces its bytes in the file, in order; the holder's
 * @param length of all pieces
 */
record EncodedBatch(List<BlockRange> ranges, Deque<OwnedBuffer> pieces, long length)
    implements AutoCloseable {
  /** Drops the bytes. */
  @Override
  public void close() {
    pieces.forEach(OwnedBuffer::close);
  }
}
