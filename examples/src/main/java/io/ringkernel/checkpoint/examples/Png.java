package io.ringkernel.checkpoint.examples;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes pictures of up to 256 colours as PNG. The platform's own writer would bring java.desktop,
 * which costs a program that only saves a picture half a second to start.
 *
 * <p>Source: PNG specification, third edition, sections 5 and 11.
 */
public final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final byte BITS = 8;
  private static final byte PALETTE = 3;
  private static final int NO_FILTER = 0;

  private Png() {}

  /**
   * A picture.
   *
   * @param width in pixels, at least 1
   * @param pixels a colour's index for each pixel, row after row from the top
   * @param colours red, green and blue of each, 3 bytes; 256 colours at most
   * @return the file's bytes
   */
  public static byte[] encode(int width, byte[] pixels, byte[] colours) {
    int height = pixels.length / width;
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(SIGNATURE);
    // Then: deflate, the adaptive filters, not interlaced.
    byte[] rest = {BITS, PALETTE, 0, 0, 0};
    chunk("IHDR", ByteBuffer.allocate(13).putInt(width).putInt(height).put(rest).array(), file);
    chunk("PLTE", colours, file);
    chunk("IDAT", deflated(rows(width, pixels)), file);
    chunk("IEND", new byte[0], file);
    return file.toByteArray();
  }

  private static byte[] rows(int width, byte[] pixels) {
    ByteBuffer rows = ByteBuffer.allocate(pixels.length + pixels.length / width);
    for (int at = 0; at < pixels.length; at += width) {
      rows.put((byte) NO_FILTER).put(pixels, at, width);
    }
    return rows.array();
  }

  private static byte[] deflated(byte[] raw) {
    Deflater deflater = new Deflater();
    try {
      deflater.setInput(raw);
      deflater.finish();
      ByteArrayOutputStream compressed = new ByteArrayOutputStream();
      byte[] piece = new byte[8_192];
      while (!deflater.finished()) {
        compressed.write(piece, 0, deflater.deflate(piece));
      }
      return compressed.toByteArray();
    } finally {
      deflater.end();
    }
  }

  /** Length, type, data, and a CRC-32 of type and data, big-endian. */
  private static void chunk(String type, byte[] data, ByteArrayOutputStream file) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    file.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    file.writeBytes(name);
    file.writeBytes(data);
    file.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }
}
