package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Damaged blocks: either the corrupt error, with an offset within the block, or (as a block has no
 * checksum) some content of exactly the length asked for; never a crash, never a byte outside the
 * target.
 */
public abstract class BlockCorruptionContract extends CodecContract {
  /** For the codec's test class. */
  protected BlockCorruptionContract() {}

  @ParameterizedTest
  @EnumSource(names = {"HEAP_SLICE", "DIRECT_SLICE"})
  void refusesEveryTruncation(BufferKind kind) {
    byte[] raw = SampleContent.TEXT.bytes(1500);
    byte[] stored = stored(raw);
    for (int length = 0; length < stored.length; length++) {
      assertThat(isRefused(kind, Arrays.copyOf(stored, length), raw.length))
          .as("the first %d bytes of %d are refused", length, stored.length)
          .isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HEAP_SLICE", "DIRECT_SLICE"})
  void survivesEveryFlippedBit(BufferKind kind) {
    for (SampleContent content : SampleContent.values()) {
      byte[] raw = content.bytes(content == SampleContent.RANDOM ? 100 : 1500);
      byte[] stored = stored(raw);
      for (int bit = 0; bit < stored.length * 8; bit++) {
        byte[] damaged = stored.clone();
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        isRefused(kind, damaged, raw.length);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HEAP", "DIRECT"})
  void survivesNoise(BufferKind kind) {
    Random random = new Random(7);
    byte[] stored = stored(SampleContent.WAVE.bytes(20_000));
    for (int round = 0; round < 3000; round++) {
      byte[] damaged = round % 2 == 0 ? stored.clone() : new byte[random.nextInt(200)];
      int from = damaged.length == 0 ? 0 : random.nextInt(damaged.length);
      int to = from + random.nextInt(damaged.length - from + 1);
      for (int i = round % 2 == 0 ? from : 0; i < to; i++) {
        damaged[i] = (byte) random.nextInt();
      }
      isRefused(kind, damaged, round % 3 == 0 ? 100 : 20_000);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HEAP", "DIRECT"})
  void refusesABlockThatHoldsMoreOrLessThanTheTarget(BufferKind kind) {
    for (int size : new int[] {0, 1, 1500, 70_000}) {
      byte[] stored = stored(SampleContent.TEXT.bytes(size));
      for (int room : new int[] {0, 1, size - 1, size + 1, 2 * size, 2 * size + 100}) {
        if (room >= 0 && room != size) {
          assertThat(isRefused(kind, stored, room))
              .as("%d bytes into a target of %d are refused", size, room)
              .isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HEAP", "DIRECT"})
  void refusesBytesBehindTheBlock(BufferKind kind) {
    byte[] raw = SampleContent.TEXT.bytes(1500);
    byte[] stored = stored(raw);
    for (int trailing : new int[] {1, 2, 3, 4, 100}) {
      byte[] longer = Arrays.copyOf(stored, stored.length + trailing);
      assertThat(isRefused(kind, longer, raw.length))
          .as("%d bytes behind the block are refused", trailing)
          .isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HEAP", "DIRECT"})
  void refusesTwoBlocksInOne(BufferKind kind) {
    byte[] raw = SampleContent.TEXT.bytes(1500);
    byte[] first = stored(raw);
    for (byte[] second : new byte[][] {first, stored(new byte[0])}) {
      byte[] both = Arrays.copyOf(first, first.length + second.length);
      System.arraycopy(second, 0, both, first.length, second.length);
      assertThat(isRefused(kind, both, raw.length)).isTrue();
      assertThat(isRefused(kind, both, 2 * raw.length)).isTrue();
    }
  }

  private byte[] stored(byte[] raw) {
    return Coding.block(codec(), codec().defaultLevel(), raw);
  }

  /** Decompresses, checks whatever must hold in any case, and tells whether it was refused. */
  private boolean isRefused(BufferKind kind, byte[] stored, int room) {
    GuardedBuffer source = GuardedBuffer.holding(kind, stored);
    GuardedBuffer target = GuardedBuffer.room(kind, room);
    boolean refused = false;
    try (BlockDecompressor decompressor = codec().blockDecompressor()) {
      decompressor.decompress(source.buffer(), target.buffer());
    } catch (CorruptCheckpointException e) {
      refused = true;
      assertThat(e.offset())
          .as("offset of: %s", e.getMessage())
          .isBetween(0L, (long) stored.length);
      assertThat(e.reason()).isNotBlank();
    }
    assertThat(target.moved()).as("moved").isEqualTo(refused ? 0 : room);
    assertThat(source.moved()).as("how far the source has moved").isZero();
    target.assertIntact();
    source.assertIntact();
    return refused;
  }
}
