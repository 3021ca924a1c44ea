package io.ringkernel.checkpoint.compression.zstd;

import static io.ringkernel.checkpoint.compression.zstd.ZstdFrames.bytes;
import static io.ringkernel.checkpoint.compression.zstd.ZstdFrames.joined;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads as RFC 8878 has them, of every length. */
class FrameHeadTest {
  private static final byte[] MAGIC = bytes(0x28, 0xB5, 0x2F, 0xFD);
  private static final byte[] THREE = bytes(0x18, 0, 0, 'a', 'b', 'c');
  private static final byte[] LAST_THREE = bytes(0x19, 0, 0, 'd', 'e', 'f');
  private static final byte[] LAST_RUN_OF_A_THOUSAND = bytes(0x43, 0x1F, 0, 'x');

  private static ByteBuffer buffer(byte[]... parts) {
    return ByteBuffer.wrap(joined(parts)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** With a window of 9 KiB, where there is one. Sizes of two bytes count from 256. */
  @ParameterizedTest
  @CsvSource({
    "0x00, 0, 6, false, 0, 2400",
    "0x01, 1, 7, false, 0, 2400",
    "0x02, 2, 8, false, 0, 2400",
    "0x03, 4, 10, false, 0, 2400",
    "0x20, 0, 6, true, 81, 81",
    "0x23, 4, 10, true, 81, 81",
    "0x40, 0, 8, true, 8381, 2400",
    "0x60, 0, 7, true, 8381, 8381",
    "0x80, 0, 10, true, 84838281, 2400",
    "0xA1, 1, 10, true, 84838281, 84838281",
    "0xC0, 0, 14, true, 8887868584838281, 2400",
    "0xE3, 4, 17, true, 8887868584838281, 8887868584838281",
    "0xC3, 4, 18, true, 8887868584838281, 2400"
  })
  void isAsLongAsItsDescriptorSays(
      String descriptor, int dictionary, int length, boolean declares, String size, String window) {
    int first = Integer.decode(descriptor);
    boolean hasWindow = (first & 0x20) == 0;
    byte[] content = bytes(0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88);
    byte[] frame =
        joined(
            bytes(9, 9, 9),
            MAGIC,
            bytes(first),
            hasWindow ? bytes(3 << 3 | 1) : bytes(),
            new byte[dictionary],
            content);

    FrameHead head = FrameHead.parse(buffer(frame), 3);

    assertThat(FrameHead.length((byte) first)).isEqualTo(length).isEqualTo(head.length());
    assertThat(head.declaresSize()).isEqualTo(declares);
    assertThat(head.contentSize()).isEqualTo(Long.parseUnsignedLong(size, 16));
    assertThat(head.windowSize()).isEqualTo(Long.parseUnsignedLong(window, 16));
    assertThat(head.hasChecksum()).isFalse();
  }

  @Test
  void endsBehindItsLastBlock() {
    ByteBuffer frames = buffer(MAGIC, bytes(0x00, 0), THREE, LAST_THREE, bytes(1, 2, 3, 4, 5));
    assertThat(FrameHead.parse(frames, 0).end(frames, 0)).isEqualTo(6 + 12);
  }

  @Test
  void endsBehindTheOneByteThatARunIsStoredIn() {
    ByteBuffer frame = buffer(bytes(7), MAGIC, bytes(0x00, 0), LAST_RUN_OF_A_THOUSAND);
    assertThat(FrameHead.parse(frame, 1).end(frame, 1)).isEqualTo(frame.limit());
  }

  @Test
  void endsBehindItsChecksum() {
    ByteBuffer frame = buffer(MAGIC, bytes(0x04, 0), LAST_THREE, bytes(1, 2, 3, 4));
    assertThat(FrameHead.parse(frame, 0).hasChecksum()).isTrue();
    assertThat(FrameHead.parse(frame, 0).end(frame, 0)).isEqualTo(frame.limit());
  }

  @Test
  void isCutOffWhereverItDoesNotEnd() {
    byte[] whole = joined(MAGIC, bytes(0x04, 0), THREE, LAST_RUN_OF_A_THOUSAND, bytes(1, 2, 3, 4));
    FrameHead head = FrameHead.parse(buffer(whole), 0);
    assertThat(head.end(buffer(whole), 0)).isEqualTo(whole.length);
    assertThat(IntStream.range(6, whole.length))
        .allSatisfy(
            limit -> {
              ByteBuffer cut = buffer(Arrays.copyOf(whole, limit));
              assertThatThrownBy(() -> head.end(cut, 0))
                  .isInstanceOfSatisfying(
                      CorruptCheckpointException.class,
                      e -> assertThat(e.offset()).isEqualTo(limit.longValue()))
                  .hasMessageContaining("cut off");
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {0x06, 0x07})
  void hasNoBlockOfTheReservedType(int block) {
    ByteBuffer frame = buffer(bytes(5, 5), MAGIC, bytes(0x00, 0), THREE, bytes(block, 0, 0));
    assertThatThrownBy(() -> FrameHead.parse(frame, 2).end(frame, 2))
        .isInstanceOfSatisfying(
            CorruptCheckpointException.class, e -> assertThat(e.offset()).isEqualTo(12))
        .hasMessageContaining("reserved");
  }

  /** A length of 21 bits: the third byte counts. */
  @Test
  void knowsBlocksLongerThan64Kib() {
    byte[] content = new byte[0x12000];
    ByteBuffer frame = buffer(MAGIC, bytes(0x00, 0), bytes(0x01, 0x00, 0x09), content);
    assertThat(FrameHead.parse(frame, 0).end(frame, 0)).isEqualTo(frame.limit());
  }
}
