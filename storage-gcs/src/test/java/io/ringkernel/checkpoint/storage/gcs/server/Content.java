package io.ringkernel.checkpoint.storage.gcs.server;

import io.ringkernel.checkpoint.tck.DeterministicBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.CRC32C;

/** The bytes of an object, or of an upload that becomes one. */
public abstract class Content {
  private final CRC32C crc = new CRC32C();
  private long size;

  /** Makes what holds the bytes of a new upload. */
  @FunctionalInterface
  public interface Factory {
    /** An empty one. */
    Content create();
  }

  /** Bytes that are kept. */
  public static Content kept() {
    return new Kept();
  }

  /** Bytes that are not kept but made again, for objects larger than memory: those of a seed. */
  public static Content synthetic(long seed) {
    return new Synthetic(seed);
  }

  /** Takes at most {@code most} bytes; says how many there were. */
  final long append(InputStream in, long most) throws IOException {
    byte[] buffer = new byte[64 << 10];
    long taken = 0;
    while (taken < most) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, most - taken));
      if (read < 0) {
        break;
      }
      keep(size, buffer, read);
      crc.update(buffer, 0, read);
      size += read;
      taken += read;
    }
    return taken;
  }

  final long size() {
    return size;
  }

  /** As the service writes it. */
  final String crc32c() {
    byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
    return Base64.getEncoder().encodeToString(bytes);
  }

  abstract void keep(long at, byte[] bytes, int length) throws IOException;

  abstract void writeTo(OutputStream out, long from, long length) throws IOException;

  private static final class Kept extends Content {
    private final ByteArrayOutputStream all = new ByteArrayOutputStream();

    @Override
    void keep(long at, byte[] bytes, int length) {
      all.write(bytes, 0, length);
    }

    @Override
    void writeTo(OutputStream out, long from, long length) throws IOException {
      out.write(Arrays.copyOfRange(all.toByteArray(), (int) from, (int) (from + length)));
    }
  }

  private static final class Synthetic extends Content {
    private final DeterministicBytes bytes;

    Synthetic(long seed) {
      // Words that repeat are made quickly, and still no two places of 512 bytes are equal.
      this.bytes = new DeterministicBytes(seed, 64);
    }

    @Override
    void keep(long at, byte[] received, int length) throws IOException {
      long differs = bytes.mismatch(at, ByteBuffer.wrap(received, 0, length));
      if (differs >= 0) {
        throw new IOException("a byte differs at " + differs);
      }
    }

    @Override
    void writeTo(OutputStream out, long from, long length) throws IOException {
      byte[] buffer = new byte[64 << 10];
      for (long at = 0; at < length; at += buffer.length) {
        int part = (int) Math.min(buffer.length, length - at);
        bytes.fill(from + at, ByteBuffer.wrap(buffer, 0, part));
        out.write(buffer, 0, part);
      }
    }
  }
}
