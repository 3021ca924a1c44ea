package io.ringkernel.checkpoint.compression.zstd;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The pieces of direct memory that heap buffers pass through on their way to and from a stream.
 *
 * <p>Given two heap buffers, zstd-jni copies both whole arrays for each call, however large; given
 * one, it holds up the garbage collector for as long as the call takes. A piece of 128 KiB costs
 * neither. Pieces come from one bounded pool; past its bound they are heap memory, of which
 * zstd-jni then copies no more than the piece.
 */
final class Staging {
  /** The largest block in a zstd frame. */
  static final int PIECE = 128 * 1024;

  // Room for one compressed block that did not get smaller.
  private static final int BUFFER = PIECE + 1024;
  private static final BufferPool POOL = new BufferPool(BUFFER, 8 * 1024 * 1024);

  private @Nullable OwnedBuffer in;
  private @Nullable OwnedBuffer out;

  /** How many pieces are out, in all of the JVM. */
  static int open() {
    return POOL.open();
  }

  /** The source itself where it is direct, else a copy of at most {@code most} bytes of it. */
  ByteBuffer source(ByteBuffer source, int most) {
    if (source.isDirect()) {
      return source;
    }
    if (in == null) {
      in = POOL.acquire();
    }
    int length = Math.min(Math.min(most, PIECE), source.remaining());
    ByteBuffer piece = in.buffer().clear().limit(length);
    piece.put(0, source, source.position(), length);
    return piece;
  }

  /** Moves the source past what was consumed of its {@link #source}. */
  static void consumed(ByteBuffer source, ByteBuffer piece) {
    if (!source.isDirect()) {
      source.position(source.position() + piece.position());
    }
  }

  /** The target itself where it is direct, else an empty piece no larger than its room. */
  ByteBuffer target(ByteBuffer target) {
    if (target.isDirect()) {
      return target;
    }
    if (out == null) {
      out = POOL.acquire();
    }
    return out.buffer().clear().limit(Math.min(BUFFER, target.remaining()));
  }

  /** Moves into the target what was produced in its {@link #target}. */
  static void produced(ByteBuffer target, ByteBuffer piece) {
    if (!target.isDirect()) {
      target.put(piece.flip());
    }
  }

  /** Gives the pieces back. */
  void release() {
    if (in != null) {
      in.close();
      in = null;
    }
    if (out != null) {
      out.close();
      out = null;
    }
  }
}
