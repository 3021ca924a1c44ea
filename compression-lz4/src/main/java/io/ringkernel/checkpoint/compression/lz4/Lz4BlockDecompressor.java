package io.ringkernel.checkpoint.compression.lz4;

import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;

/** Reads raw LZ4 blocks of known length. */
final class Lz4BlockDecompressor implements BlockDecompressor {
  private final BlockDecoder decoder;
  private final ReachableSource reachable = new ReachableSource();
  private boolean closed;

  Lz4BlockDecompressor(BlockDecoder decoder) {
    this.decoder = decoder;
  }

  @Override
  public void decompress(ByteBuffer source, ByteBuffer target) {
    if (closed) {
      throw new IllegalStateException("this lz4 decompressor is closed");
    }
    if (target.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
    int length = decoder.decode(reachable.of(source), target);
    if (length != target.remaining()) {
      throw new CorruptCheckpointException(
          source.remaining(),
          "the LZ4 block ends after " + length + " bytes of " + target.remaining());
    }
    target.position(target.limit());
  }

  @Override
  public void close() {
    closed = true;
    reachable.release();
  }
}
