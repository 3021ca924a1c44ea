package io.ringkernel.checkpoint.storage.gcs.server;

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

  /** No bytes yet. */
  protected Content() {}

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

  /** Takes the first bytes of an array, which belong at this place: behind all before. */
  protected abstract void keep(long at, byte[] bytes, int length) throws IOException;

  /** Writes a range. */
  protected abstract void writeTo(OutputStream out, long from, long length) throws IOException;

  private static final class Kept extends Content {
    private final ByteArrayOutputStream all = new ByteArrayOutputStream();

    @Override
    protected void keep(long at, byte[] bytes, int length) {
      all.write(bytes, 0, length);
    }

    @Override
    protected void writeTo(OutputStream out, long from, long length) throws IOException {
      out.write(Arrays.copyOfRange(all.toByteArray(), (int) from, (int) (from + length)));
    }
  }
}
