package io.ringkernel.checkpoint.tck.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Kinds of content that take different paths through a codec. */
enum SampleContent {
  /** One long run. */
  ZEROS {
    @Override
    byte[] bytes(int length) {
      return new byte[length];
    }
  },
  /** Does not compress. */
  RANDOM {
    @Override
    byte[] bytes(int length) {
      byte[] bytes = new byte[length];
      new Random(length).nextBytes(bytes);
      return bytes;
    }
  },
  /** Words in no order: short matches and many literals. */
  TEXT {
    @Override
    byte[] bytes(int length) {
      Random random = new Random(length);
      StringBuilder text = new StringBuilder(length + 16);
      while (text.length() < length) {
        text.append(WORDS[random.nextInt(WORDS.length)]).append(random.nextInt(10)).append(' ');
      }
      return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
    }
  },
  /** A short pattern over and over: matches that overlap what they make. */
  REPEATING {
    @Override
    byte[] bytes(int length) {
      byte[] bytes = new byte[length];
      for (int i = 0; i < length; i++) {
        bytes[i] = (byte) (i % 7);
      }
      return bytes;
    }
  },
  /**
   * A decaying wave in 32-bit floats, quiet at its far end: what a simulation's state looks like.
   */
  WAVE {
    @Override
    byte[] bytes(int length) {
      ByteBuffer floats = ByteBuffer.allocate(length + 3).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < length; i += 4) {
        double decay = Math.exp(-i / 50_000.0);
        floats.putFloat(i, decay < 1e-3 ? 0 : (float) (Math.sin(i / 4000.0) * decay));
      }
      byte[] bytes = new byte[length];
      floats.get(0, bytes);
      return bytes;
    }
  };

  private static final String[] WORDS = {
    "kernel", "chunk", "region", "block", "delta", "object", "entry", "head", "flatten", "stall"
  };

  /** The same bytes for the same length, always. */
  abstract byte[] bytes(int length);
}
