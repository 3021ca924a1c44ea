package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.tck.DeterministicBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/** The bytes of an object or a part, kept or, for very large ones, only pretended to be. */
sealed interface S3Content {
  long size();

  /** What the service makes of the bytes, 16 of them. */
  byte[] digest();

  String crc32c();

  void write(OutputStream out, long offset, long length) throws IOException;

  /** Bytes that are kept. */
  final class Kept implements S3Content {
    private final byte[] bytes;
    private final byte[] digest;
    private final String crc32c;

    Kept(byte[] bytes) {
      this.bytes = bytes;
      this.digest = md5(bytes);
      CRC32C crc = new CRC32C();
      crc.update(bytes);
      this.crc32c = base64(crc);
    }

    byte[] bytes() {
      return bytes;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public byte[] digest() {
      return digest;
    }

    @Override
    public String crc32c() {
      return crc32c;
    }

    @Override
    public void write(OutputStream out, long offset, long length) throws IOException {
      out.write(bytes, (int) offset, (int) length);
    }
  }

  /** Bytes that were thrown away, and are made again from a seed. */
  record Pretended(long size, String crc32c) implements S3Content {
    static final DeterministicBytes BYTES = new DeterministicBytes(5, 1 << 17);

    @Override
    public byte[] digest() {
      return md5((size + crc32c).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void write(OutputStream out, long offset, long length) throws IOException {
      ByteBuffer piece = ByteBuffer.allocate(1 << 18);
      for (long at = 0; at < length; at += piece.limit()) {
        piece.clear().limit((int) Math.min(piece.capacity(), length - at));
        BYTES.fill(offset + at, piece);
        out.write(piece.array(), 0, piece.limit());
      }
    }
  }

  /** Reads a body. */
  static S3Content read(InputStream body, boolean pretends) throws IOException {
    if (!pretends) {
      return new Kept(body.readAllBytes());
    }
    CRC32C crc = new CRC32C();
    byte[] piece = new byte[1 << 18];
    long size = 0;
    for (int read = body.read(piece); read >= 0; read = body.read(piece)) {
      crc.update(piece, 0, read);
      size += read;
    }
    return new Pretended(size, base64(crc));
  }

  /**
   * One after the other.
   *
   * @param crc32c what the client says of all, which bytes that are kept must confirm
   */
  static S3Content joined(List<S3Content> parts, String crc32c) throws IOException {
    if (parts.stream().allMatch(part -> part instanceof Kept)) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (S3Content part : parts) {
        part.write(all, 0, part.size());
      }
      return new Kept(all.toByteArray());
    }
    return new Pretended(parts.stream().mapToLong(S3Content::size).sum(), crc32c);
  }

  static byte[] md5(byte[]... pieces) {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      for (byte[] piece : pieces) {
        digest.update(piece);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static String base64(CRC32C crc) {
    return Base64.getEncoder()
        .encodeToString(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }
}
