package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Damaged streams: the corrupt error, the limit error where the damage asks for too much memory, or
 * no end of the stream; never a crash, and never wrong content where frames carry a checksum.
 */
public abstract class FrameCorruptionContract extends CodecContract {
  private static final long WINDOW_AND_BUFFERS = 24L * 1024 * 1024;

  /** For the codec's test class. */
  protected FrameCorruptionContract() {}

  @ParameterizedTest
  @EnumSource(names = {"HEAP", "DIRECT"})
  void findsNoEndInATruncatedStream(BufferKind kind) {
    byte[] stored = frame(SampleContent.TEXT.bytes(1500));
    for (int length = 0; length < stored.length; length++) {
      Coding.Decoded decoded =
          Coding.unframe(codec(), Arrays.copyOf(stored, length), 100, 400, kind, kind);
      assertThat(decoded.atEnd()).as("at the end, after %d bytes", length).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void survivesEveryFlippedBit(SampleContent content) {
    byte[] raw = content.bytes(content == SampleContent.RANDOM ? 100 : 1200);
    byte[] stored = frame(raw);
    for (int bit = 0; bit < stored.length * 8; bit++) {
      BufferKind kind = bit % 2 == 0 ? BufferKind.HEAP_SLICE : BufferKind.DIRECT_SLICE;
      readDamaged(flipped(stored, bit), raw, kind, "bit " + bit);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HEAP", "DIRECT"})
  void survivesFlippedBitsInALongStream(BufferKind kind) {
    byte[] raw = SampleContent.WAVE.bytes(1_300_000);
    byte[] stored = frame(raw);
    Random random = new Random(11);
    for (int round = 0; round < 60; round++) {
      int bit = random.nextInt(stored.length * 8);
      readDamaged(flipped(stored, bit), raw, kind, "bit " + bit);
    }
  }

  @Test
  void survivesNoise() {
    Random random = new Random(13);
    byte[] raw = SampleContent.TEXT.bytes(5000);
    byte[] stored = frame(raw);
    for (int round = 0; round < 1000; round++) {
      byte[] damaged = stored.clone();
      int from = random.nextInt(damaged.length);
      int to = from + random.nextInt(Math.min(20, damaged.length - from)) + 1;
      for (int i = from; i < to; i++) {
        damaged[i] = (byte) random.nextInt();
      }
      readDamaged(damaged, raw, BufferKind.DIRECT, "noise in bytes " + from + " to " + to);
    }
  }

  @Test
  void allocatesNoMoreThanAWindowWhateverTheHeadClaims() {
    byte[] raw = SampleContent.TEXT.bytes(1000);
    byte[] stored = frame(raw);
    for (int index = 0; index < Math.min(24, stored.length); index++) {
      for (int value : new int[] {0x7F, 0x80, 0xFF}) {
        byte[] damaged = stored.clone();
        Arrays.fill(damaged, index, Math.min(index + 8, damaged.length), (byte) value);
        long before = allocated();
        readDamaged(damaged, raw, BufferKind.DIRECT, "claim at byte " + index);
        assertThat(allocated() - before)
            .as("bytes allocated for the claim %x at byte %d", value, index)
            .isLessThan(WINDOW_AND_BUFFERS);
      }
    }
  }

  private void readDamaged(byte[] damaged, byte[] raw, BufferKind kind, String what) {
    try {
      Coding.Decoded decoded = Coding.unframe(codec(), damaged, 64 * 1024, 64 * 1024, kind, kind);
      if (decoded.atEnd() && underTest().framesCarryChecksums()) {
        assertThat(Arrays.equals(decoded.bytes(), raw))
            .as("content that passed for whole: %s", what)
            .isTrue();
      }
    } catch (CorruptCheckpointException e) {
      assertThat(e.offset())
          .as("offset of: %s", e.getMessage())
          .isBetween(0L, (long) damaged.length);
    } catch (CheckpointException e) {
      assertThat(e).as(what).isInstanceOf(LimitExceededException.class);
    }
  }

  private static byte[] flipped(byte[] bytes, int bit) {
    byte[] damaged = bytes.clone();
    damaged[bit / 8] ^= (byte) (1 << bit % 8);
    return damaged;
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  private byte[] frame(byte[] raw) {
    return Coding.frame(codec(), codec().defaultLevel(), raw);
  }
}
