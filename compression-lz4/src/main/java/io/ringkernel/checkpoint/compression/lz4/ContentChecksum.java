package io.ringkernel.checkpoint.compression.lz4;

import java.nio.ByteBuffer;
import net.jpountz.xxhash.StreamingXXHash32;
import net.jpountz.xxhash.XXHashFactory;
import org.jspecify.annotations.Nullable;

/**
 * The running XXH32 of a frame's content.
 *
 * <p>lz4-java's streaming hash takes arrays alone, so other memory passes through a small array
 * that stays in the processor's cache.
 */
final class ContentChecksum implements AutoCloseable {
  private static final int PIECE = 16 * 1024;
  private static final int SEED = 0;

  private final XXHashFactory xxHash;
  private @Nullable StreamingXXHash32 running;
  private byte[] piece = new byte[0];

  ContentChecksum(XXHashFactory xxHash) {
    this.xxHash = xxHash;
  }

  /** Begins anew. */
  void reset() {
    if (running == null) {
      running = xxHash.newStreamingHash32(SEED);
    } else {
      running.reset();
    }
  }

  /** Takes in the remaining bytes of {@code content}, whose position does not move. */
  void update(ByteBuffer content) {
    StreamingXXHash32 hash = running();
    if (content.hasArray()) {
      hash.update(content.array(), content.arrayOffset() + content.position(), content.remaining());
      return;
    }
    if (piece.length == 0) {
      piece = new byte[PIECE];
    }
    for (int at = content.position(); at < content.limit(); ) {
      int length = Math.min(PIECE, content.limit() - at);
      content.get(at, piece, 0, length);
      hash.update(piece, 0, length);
      at += length;
    }
  }

  /** The checksum of everything since {@link #reset}. */
  int value() {
    return running().getValue();
  }

  private StreamingXXHash32 running() {
    if (running == null) {
      throw new IllegalStateException("reset() comes first");
    }
    return running;
  }

  @Override
  public void close() {
    if (running != null) {
      running.close();
      running = null;
    }
  }
}
