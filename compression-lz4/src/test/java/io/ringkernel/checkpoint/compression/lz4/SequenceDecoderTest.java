package io.ringkernel.checkpoint.compression.lz4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our decoder of sequences against the native one. */
class SequenceDecoderTest {
  private static final LZ4SafeDecompressor NATIVE = LZ4Factory.nativeInstance().safeDecompressor();

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9, 12})
  void decodesWhatNativeCodeMakes(int level) {
    for (int size : new int[] {0, 1, 12, 13, 1000, 65_536, 200_000}) {
      byte[] raw = Lz4Frames.content(size);
      ByteBuffer block = block(raw, level);
      ByteBuffer target = ByteBuffer.allocate(size);
      assertThat(SequenceDecoder.decode(block, target, 0)).isEqualTo(size);
      assertThat(target.array()).isEqualTo(raw);
    }
  }

  @Test
  void decodesRunsOfEveryPeriod() {
    for (int period = 1; period < 40; period++) {
      byte[] raw = new byte[3000];
      for (int i = 0; i < raw.length; i++) {
        raw[i] = (byte) (i % period * 5);
      }
      ByteBuffer target = ByteBuffer.allocate(raw.length);
      SequenceDecoder.decode(block(raw, 9), target, 0);
      assertThat(target.array()).as("period %d", period).isEqualTo(raw);
    }
  }

  @Test
  void leavesBothBuffersAsTheyAre() {
    ByteBuffer block = block(Lz4Frames.content(1000), 1);
    ByteBuffer target = ByteBuffer.allocate(1200).position(100);
    ByteBuffer before = block.duplicate();
    SequenceDecoder.decode(block, target, 0);
    assertThat(block).isEqualTo(before);
    assertThat(target.position()).isEqualTo(100);
    assertThat(target.limit()).isEqualTo(1200);
  }

  /**
   * But for two rules: ours is that no match is 0 bytes back, theirs that five literals end a
   * block.
   */
  @Test
  void agreesWithNativeCodeOnDamage() {
    byte[] raw = Lz4Frames.content(3000);
    byte[] stored = bytes(block(raw, 9));
    Random random = new Random(5);
    int accepted = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] damaged = stored.clone();
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      Verdict theirs = nativeVerdict(damaged, raw.length);
      Verdict ours = ourVerdict(damaged, raw.length);
      if (theirs.isAccepted() == ours.isAccepted()) {
        assertThat(ours.content).as("round %d", round).isEqualTo(theirs.content);
        accepted += ours.isAccepted() ? 1 : 0;
      } else if (theirs.isAccepted()) {
        assertThat(ours.reason).as("round %d", round).contains("a match 0 bytes back");
      } else {
        assertThat(endsInFiveLiterals(damaged)).as("round %d", round).isFalse();
      }
    }
    assertThat(accepted).as("damage that both accept").isPositive();
  }

  private static boolean endsInFiveLiterals(byte[] block) {
    ByteBuffer source = ByteBuffer.wrap(block);
    int at = 0;
    while (true) {
      int token = source.get(at++) & 0xFF;
      int literals = token >>> 4;
      if (literals == 15) {
        int more;
        do {
          more = source.get(at++) & 0xFF;
          literals += more;
        } while (more == 255);
      }
      at += literals;
      if (at == block.length) {
        return literals >= 5;
      }
      at += 2;
      if ((token & 15) == 15) {
        while (source.get(at++) == -1) {}
      }
    }
  }

  @Test
  void refersToHistoryAndNoFurther() {
    // A match of 6 bytes, 4 bytes back, of which none is the block's own; then 5 literals.
    ByteBuffer block = ByteBuffer.wrap(new byte[] {2, 4, 0, 0x50, 9, 9, 9, 9, 9});
    ByteBuffer target =
        ByteBuffer.wrap(new byte[] {0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    target.position(5);
    assertThat(SequenceDecoder.decode(block, target, 4)).isEqualTo(11);
    assertThat(target.array()).containsExactly(0, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 9, 9, 9, 9, 9);
    assertThatThrownBy(() -> SequenceDecoder.decode(block, target, 3))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("offset 1:");
  }

  /** A block's content, or why it has none. */
  private static final class Verdict {
    private final byte[] content;
    private final String reason;

    private Verdict(byte[] content, String reason) {
      this.content = content;
      this.reason = reason;
    }

    boolean isAccepted() {
      return content != null;
    }
  }

  private static Verdict nativeVerdict(byte[] block, int room) {
    byte[] raw = new byte[room];
    try {
      int length = NATIVE.decompress(block, 0, block.length, raw, 0, room);
      return new Verdict(Arrays.copyOf(raw, length), "");
    } catch (LZ4Exception e) {
      return new Verdict(null, e.getMessage());
    }
  }

  private static Verdict ourVerdict(byte[] block, int room) {
    ByteBuffer target = ByteBuffer.allocate(room);
    try {
      int length = SequenceDecoder.decode(ByteBuffer.wrap(block), target, 0);
      return new Verdict(Arrays.copyOf(target.array(), length), "");
    } catch (CorruptCheckpointException e) {
      return new Verdict(null, e.reason());
    }
  }

  private static ByteBuffer block(byte[] raw, int level) {
    try (BlockCompressor compressor = Lz4Frames.CODEC.blockCompressor(level)) {
      ByteBuffer target = ByteBuffer.allocate(Lz4Frames.CODEC.maxCompressedLength(raw.length));
      compressor.compress(ByteBuffer.wrap(raw), target);
      return target.flip();
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }
}
