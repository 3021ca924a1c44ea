package io.ringkernel.checkpoint.format.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the writer puts down the reader takes up, and nothing else. */
class ByteCursorsTest {
  private static final long BASE = 1_000;

  @Test
  void areLittleEndian() {
    ByteBuffer bytes = new ByteWriter(1).u8(0xFE).u32(0x01020304).u64(0x05060708090A0B0CL).view();

    assertThat(copy(bytes)).containsExactly(0xFE, 4, 3, 2, 1, 12, 11, 10, 9, 8, 7, 6, 5);
    ByteReader in = new ByteReader(bytes, 0);
    assertThat(in.u8("a")).isEqualTo(0xFE);
    assertThat(in.u32("b")).isEqualTo(0x01020304);
    assertThat(in.u64("c")).isEqualTo(0x05060708090A0B0CL);
    in.end("the record");
  }

  @Test
  void growWithoutLosingAByte() {
    Random random = new Random(1);
    byte[] large = new byte[100_000];
    random.nextBytes(large);
    ByteWriter out = new ByteWriter(0).u8(1).bytes(large).bytes(ByteBuffer.wrap(large, 5, 10));

    assertThat(out.size()).isEqualTo(100_011);
    ByteReader in = new ByteReader(out.view(), 0);
    in.u8("first");
    assertThat(in.bytes(100_000, "large")).isEqualTo(large);
    assertThat(in.bytes(10, "part")).startsWith(large[5]).endsWith(large[14]);
  }

  @Test
  void leaveTheBuffersOfOthersAsTheyAre() {
    ByteBuffer given = ByteBuffer.wrap(new byte[10]).position(2).limit(7);

    ByteReader in = new ByteReader(given, 0);
    in.u32("a");
    new ByteWriter(0).bytes(given);

    assertThat(in.remaining()).isEqualTo(1);
    assertThat(given.position()).isEqualTo(2);
    assertThat(given.limit()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 127, 128, 16_383, 16_384, Long.MAX_VALUE, Long.MIN_VALUE, -1})
  void bringNumbersBackThatWereWrittenShort(long value) {
    ByteBuffer bytes = new ByteWriter(0).varint(value).zigzag(value).view();
    ByteReader in = new ByteReader(bytes, 0);

    assertThat(in.varint("v")).isEqualTo(value);
    assertThat(in.zigzag("z")).isEqualTo(value);
    assertThat(in.remaining()).isZero();
  }

  @Test
  void writeSmallSignedNumbersInOneByte() {
    assertThat(copy(new ByteWriter(0).zigzag(0).zigzag(-1).zigzag(1).zigzag(-64).view()))
        .containsExactly(0, 1, 2, 127);
  }

  @Test
  void refuseANumberThatIsNotInItsShortestForm() {
    corrupt(List.of(0x80, 0x00), 0, in -> in.varint("count"), "count is not in its shortest form");
  }

  @Test
  void refuseANumberLongerThan64Bits() {
    corrupt(
        List.of(0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02),
        0,
        in -> in.varint("count"),
        "count is longer than 64 bits");
    corrupt(
        List.of(0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x81, 0x00),
        0,
        in -> in.varint("count"),
        "count is longer than 64 bits");
  }

  @Test
  void refuseToReadPastTheEnd() {
    corrupt(List.of(1, 2, 3), 0, in -> in.u32("step"), "step needs 4 bytes, 3 are left");
    corrupt(List.of(), 0, in -> in.u8("kind"), "kind needs 1 bytes, 0 are left");
    corrupt(List.of(0x80), 1, in -> in.varint("count"), "count needs 1 bytes, 0 are left");
    corrupt(
        List.of(1), 0, in -> in.bytes(Integer.MAX_VALUE, "hash"), "hash needs 2147483647 bytes");
  }

  @Test
  void refuseWhatIsLeftOver() {
    corrupt(List.of(1, 2, 3), 0, in -> in.end("the page"), "3 bytes too many after the page");
  }

  @Test
  void compareCountsAsUnsigned() {
    ByteReader in = new ByteReader(ByteBuffer.allocate(0), 0);

    assertThat(in.count(7, 7, 20, "blocks")).isEqualTo(7);
    assertThatThrownBy(() -> in.count(-1, 7, 20, "blocks"))
        .isInstanceOfSatisfying(
            CorruptCheckpointException.class,
            e -> {
              assertThat(e.offset()).isEqualTo(20);
              assertThat(e.reason()).isEqualTo("blocks 18446744073709551615 is above 7");
            });
  }

  @Test
  void bringTextBack() {
    String text = "ядро_核_🚀\0";
    ByteReader in = new ByteReader(new ByteWriter(0).string(text).string("").view(), 0);

    assertThat(in.string("a")).isEqualTo(text);
    assertThat(in.string("b")).isEmpty();
  }

  @Test
  void refuseTextThatIsNotUtf8() {
    corrupt(List.of(2, 0, 0, 0, 0xC0, 0x80), 4, in -> in.string("name"), "name is not UTF-8");
    corrupt(List.of(1, 0, 0, 0, 0xE2), 4, in -> in.string("name"), "name is not UTF-8");
  }

  @Test
  void refuseTextLongerThanWhatIsLeft() {
    corrupt(
        List.of(0xFF, 0xFF, 0xFF, 0xFF, 0x61),
        0,
        in -> in.string("name"),
        "name length 4294967295 runs past the end, 1 bytes are left");
  }

  @Test
  void putAReasonTogetherOnlyWhenItIsNeeded() {
    ByteReader.verify(
        true,
        0,
        () -> {
          throw new IllegalStateException("nobody asked");
        });
    assertThatThrownBy(() -> ByteReader.verify(false, 9, () -> "late"))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessage("corrupt at offset 9: late");
  }

  private static void corrupt(
      List<Integer> bytes, long offset, Consumer<ByteReader> step, String reason) {
    ByteBuffer buffer = ByteBuffer.allocate(bytes.size());
    bytes.forEach(each -> buffer.put(each.byteValue()));
    ByteReader in = new ByteReader(buffer.flip(), BASE);

    assertThatThrownBy(() -> step.accept(in))
        .isInstanceOfSatisfying(
            CorruptCheckpointException.class,
            e -> {
              assertThat(e.offset()).isEqualTo(BASE + offset);
              assertThat(e.reason()).startsWith(reason);
            });
  }

  private static byte[] copy(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
