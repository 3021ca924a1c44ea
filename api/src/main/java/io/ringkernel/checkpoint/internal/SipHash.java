package io.ringkernel.checkpoint.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * SipHash-1-3 under the key (0, 0): one compression round a word, three at the end.
 *
 * <p>Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012). It is here only
 * because the file format names device regions by it; it protects nothing.
 */
public final class SipHash {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private long v0 = 0x736f6d6570736575L;
  private long v1 = 0x646f72616e646f6dL;
  private long v2 = 0x6c7967656e657261L;
  private long v3 = 0x7465646279746573L;

  private SipHash() {}

  /** The hash of {@code text} followed by one more byte. */
  public static long hash13(byte[] text, byte end) {
    SipHash state = new SipHash();
    int length = text.length + 1;
    int whole = text.length & ~7;
    for (int i = 0; i < whole; i += 8) {
      state.absorb((long) LONG.get(text, i));
    }
    long tail = (end & 0xFFL) << (8 * (text.length & 7));
    for (int i = whole; i < text.length; i++) {
      tail |= (text[i] & 0xFFL) << (8 * (i - whole));
    }
    return state.finish(tail, length);
  }

  private long finish(long tail, int length) {
    long size = (long) length << 56;
    if ((length & 7) == 0) {
      // The end byte completed a word, so the length stands alone in the last one.
      absorb(tail);
      absorb(size);
    } else {
      absorb(tail | size);
    }
    v2 ^= 0xFF;
    round();
    round();
    round();
    return v0 ^ v1 ^ v2 ^ v3;
  }

  private void absorb(long word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }

  private void round() {
    v0 += v1;
    v2 += v3;
    v1 = Long.rotateLeft(v1, 13) ^ v0;
    v3 = Long.rotateLeft(v3, 16) ^ v2;
    v0 = Long.rotateLeft(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = Long.rotateLeft(v1, 17) ^ v2;
    v3 = Long.rotateLeft(v3, 21) ^ v0;
    v2 = Long.rotateLeft(v2, 32);
  }
}
