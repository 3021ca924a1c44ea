package io.ringkernel.checkpoint.storage.gcs;

import io.ringkernel.checkpoint.storage.gcs.server.Content;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Bytes that are not kept but made again, for objects larger than memory: those of a seed. */
final class SyntheticContent extends Content {
  private final DeterministicBytes bytes;

  SyntheticContent(long seed) {
    // Words that repeat are made quickly, and still no two places of 512 bytes are equal.
    this.bytes = new DeterministicBytes(seed, 64);
  }

  @Override
  protected void keep(long at, byte[] received, int length) throws IOException {
    long differs = bytes.mismatch(at, ByteBuffer.wrap(received, 0, length));
    if (differs >= 0) {
      throw new IOException("a byte differs at " + differs);
    }
  }

  @Override
  protected void writeTo(OutputStream out, long from, long length) throws IOException {
    byte[] buffer = new byte[64 << 10];
    for (long at = 0; at < length; at += buffer.length) {
      int part = (int) Math.min(buffer.length, length - at);
      bytes.fill(from + at, ByteBuffer.wrap(buffer, 0, part));
      out.write(buffer, 0, part);
    }
  }
}
