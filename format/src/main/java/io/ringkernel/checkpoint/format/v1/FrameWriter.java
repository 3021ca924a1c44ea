package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.compression.FrameCompressor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Compresses one chunk after the other, each into a frame, into heap memory that they share, so
 * that a thousand small chunks take no thousand segments. One thread at a time.
 */
final class FrameWriter {
  private static final int SEGMENT_BYTES = 1 << 20;

  /** Raw bytes given to a compressor at once: bounds the room that it may ask for. */
  private static final int PIECE_BYTES = 64 << 10;

  private ByteBuffer segment = ByteBuffer.allocate(0);
  private ByteBuffer overflow = ByteBuffer.allocate(0);

  /** Starts a frame; the one before must have ended. */
  Frame start(long rawSize, FrameCompressor compressor) {
    return new Frame(rawSize, compressor);
  }

  /** One chunk's frame in the making. */
  final class Frame implements AutoCloseable {
    private final FrameCompressor compressor;
    private final long rawSize;
    private final List<ByteBuffer> parts = new ArrayList<>();
    private int partStart = segment.position();
    private long taken;
    private long written;

    private Frame(long rawSize, FrameCompressor compressor) {
      this.rawSize = rawSize;
      this.compressor = compressor;
    }

    /** Whether it is still shorter than the raw bytes. */
    boolean helps() {
      return written < rawSize;
    }

    /** Compresses the next bytes, as long as that helps. */
    void add(ByteBuffer raw) {
      ByteBuffer rest = raw.duplicate();
      while (rest.hasRemaining() && helps()) {
        int length = Math.min(PIECE_BYTES, rest.remaining());
        compress(rest.slice(rest.position(), length));
        rest.position(rest.position() + length);
      }
    }

    private void compress(ByteBuffer piece) {
      taken += piece.remaining();
      boolean last = taken == rawSize;
      int room = compressor.maxOutput(piece.remaining());
      if (room <= segment.remaining()) {
        int start = segment.position();
        compressor.compress(piece, segment, last);
        written += segment.position() - start;
        return;
      }
      if (overflow.capacity() < room) {
        overflow = ByteBuffer.allocate(room);
      }
      compressor.compress(piece, overflow.clear(), last);
      overflow.flip();
      written += overflow.remaining();
      while (overflow.hasRemaining()) {
        append(overflow);
      }
    }

    /** Fills the segment; where it ends the next one begins. */
    private void append(ByteBuffer bytes) {
      if (!segment.hasRemaining()) {
        closePart();
        segment = ByteBuffer.allocate(SEGMENT_BYTES);
        partStart = 0;
      }
      int length = Math.min(segment.remaining(), bytes.remaining());
      segment.put(bytes.slice(bytes.position(), length));
      bytes.position(bytes.position() + length);
    }

    private void closePart() {
      if (segment.position() > partStart) {
        parts.add(segment.slice(partStart, segment.position() - partStart));
      }
    }

    /** The frame's bytes, once all raw bytes were added and if it {@link #helps}. */
    List<ByteBuffer> finish() {
      closePart();
      partStart = segment.position();
      return List.copyOf(parts);
    }

    /** Takes the memory of a frame back that did not help. */
    void abandon() {
      segment.position(partStart);
    }

    @Override
    public void close() {
      compressor.close();
    }
  }
}
