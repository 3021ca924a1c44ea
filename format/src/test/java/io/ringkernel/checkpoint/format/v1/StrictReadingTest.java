package io.ringkernel.checkpoint.format.v1;

import static io.ringkernel.checkpoint.format.v1.HandMadeFile.resummed;
import static io.ringkernel.checkpoint.format.v1.HandMadeFile.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import io.ringkernel.checkpoint.format.v1.HandMadeFile.Chunk;
import io.ringkernel.checkpoint.format.v1.HandMadeFile.Entry;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule of strict reading, from a valid file of which one thing is broken. */
class StrictReadingTest {
  private final Bench bench = Bench.with(new RunLengthCodec(1));
  private final HandMadeFile small = HandMadeFile.small();

  @AfterEach
  void giveBack() {
    bench.close();
  }

  @Test
  void acceptsTheValidFile() {
    assertThat(bench.open(small.bytes(), Bench.STRICT).chunks()).hasSize(3);
  }

  @Test
  void acceptsAHeaderThatTellsItsTrueSize() {
    small.headerSize = 64;

    assertThat(bench.open(small.bytes(), Bench.STRICT).header().headerSize()).isEqualTo(64);
  }

  @Test
  void refusesAFileWithoutAWholeHeader() {
    refuses(Arrays.copyOf(small.bytes(), 50), 48, "reserved bytes needs 8 bytes, 2 are left");
  }

  @Test
  void refusesAnotherMagicNumber() {
    refuses(with(small.bytes(), 0, 7L), 0, "magic number");
  }

  @Test
  void refusesAnotherVersion() {
    assertThatThrownBy(() -> bench.open(with(small.bytes(), 8, 3), Bench.STRICT))
        .isInstanceOfSatisfying(
            UnsupportedVersionException.class, e -> assertThat(e.found()).isEqualTo(3));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 55, 57, 63, 65, -1})
  void refusesAHeaderSizeThatIsNeither56Nor64(int size) {
    byte[] file = small.bytes();
    byte[] agreeing = with(file, 16, Integer.toUnsignedLong(size) + file.length - 64);
    if (size == -1) {
      agreeing = with(file, 16, 0L);
    }

    refuses(with(agreeing, 12, size), 12, "is neither 56 nor 64");
  }

  @Test
  void refusesAFileThatWasCut() {
    byte[] file = small.bytes();

    refuses(
        Arrays.copyOf(file, file.length - 1),
        16,
        "stand for a file of " + file.length + " bytes, this one has " + (file.length - 1),
        "its end is missing");
  }

  @Test
  void refusesAFileThatGrew() {
    byte[] file = small.bytes();

    refuses(resummed(Arrays.copyOf(file, file.length + 1)), 16, "there is more than was written");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 55, 56, 1 << 30})
  void refusesATotalSizeThatIsNotTheFiles(long total) {
    refuses(with(small.bytes(), 16, total), 16, "total size " + total + " and header size 56");
  }

  @ParameterizedTest
  @ValueSource(longs = {(1 << 30) + 1, Long.MAX_VALUE, Long.MIN_VALUE, -1})
  void refusesATotalSizeAboveTheFormatsLimit(long total) {
    assertThatThrownBy(() -> bench.open(with(small.bytes(), 16, total), Bench.STRICT))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining(Long.toUnsignedString(total))
        .hasMessageContaining("1073741824");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 100, -1})
  void refusesAnUnknownCompression(int code) {
    small.compression = code;

    refuses(
        small.bytes(), 28, "compression code " + Integer.toUnsignedString(code) + " is unknown");
  }

  @Test
  void refusesHeaderFlags() {
    small.flags = 1 << 31;

    refuses(small.bytes(), 36, "reserved header flags are set");
  }

  @ParameterizedTest
  @ValueSource(ints = {48, 49, 55, 56, 62, 63})
  void refusesAReservedByteThatIsNotZero(int position) {
    byte[] file = small.bytes();
    file[position] = (byte) 0x80;

    refuses(file, position, "a reserved byte of the header is not 0");
  }

  @Test
  void refusesAnotherChecksumAndTellsWhichIsWhich() {
    byte[] file = small.bytes();
    String computed = bench.text(file).lines().toList().get(6).substring("checksum 0x".length());

    refuses(
        with(file, 32, 0x01020304),
        32,
        "the checksum of the bytes from 64 on is " + computed + ", the header expects 01020304");
  }

  @Test
  void refusesMoreChunksThanThereIsRoomFor() {
    refuses(with(small.bytes(), 24, 4), 24, "4 chunks take 128 bytes at least, 110 are left");
    refuses(with(small.bytes(), 24, -1), 24, "4294967295 chunks take");
  }

  @Test
  void refusesOneChunkTooMany() {
    small.chunks.add(new Chunk(5, 1, new byte[100]));
    byte[] file = small.bytes();

    refuses(with(file, 24, 5), file.length, "a chunk takes 32 bytes at least, 0 are left");
  }

  @Test
  void refusesFewerChunksThanThereAre() {
    int third = small.chunkAt(2);

    refuses(with(small.bytes(), 24, 2), third, "37 bytes follow the last of 2 chunks");
  }

  @Test
  void refusesAFlippedBitOfTheChunkCount() {
    for (int bit = 0; bit < 32; bit++) {
      byte[] file = with(small.bytes(), 24, 3 ^ (1 << bit));

      assertThatThrownBy(() -> bench.open(file, Bench.STRICT))
          .isInstanceOf(CorruptCheckpointException.class);
    }
  }

  @Test
  void refusesBytesBehindTheLastChunk() {
    int end = small.bytes().length;
    small.behindChunks = new byte[] {9};

    refuses(small.bytes(), end, "1 bytes follow the last of 3 chunks", "it was written this way");
  }

  @Test
  void refusesBytesBehindTheMetadata() {
    int end = small.chunkAt(0);
    small.behindMetadata = new byte[] {0, 0, 0};

    refuses(small.bytes(), end, "3 bytes too many after the metadata");
  }

  @Test
  void refusesAFileWithoutMetadata() {
    byte[] header = Arrays.copyOf(small.bytes(), 64);

    refuses(with(header, 16, 56L), 64, "the length of the metadata takes 4 bytes at least");
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
  void refusesMetadataThatRunsPastTheEnd(int length) {
    refuses(
        resummed(with(small.bytes(), 64, length)),
        64,
        "metadata of " + Integer.toUnsignedString(length) + " bytes runs past the end");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 67})
  void refusesMetadataTooShortForItsFields(int length) {
    refuses(resummed(with(small.bytes(), 64, length)), 64, "too short, it takes 68 at least");
  }

  @ParameterizedTest
  @ValueSource(ints = {100_000, Integer.MAX_VALUE, -1})
  void refusesATextThatRunsPastTheMetadata(int length) {
    refuses(
        resummed(with(small.bytes(), 68, length)),
        68,
        "kernel id length " + Integer.toUnsignedString(length) + " runs past the end");
  }

  @Test
  void refusesMalformedUtf8() {
    small.kernelType = new byte[] {'t', (byte) 0xC3, (byte) 0x28};

    refuses(small.bytes(), 68 + 4 + 6 + 4, "kernel type is not UTF-8");
  }

  @Test
  void refusesASurrogateInUtf8() {
    small.kernelId = new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80};

    refuses(small.bytes(), 72, "kernel id is not UTF-8");
  }

  @Test
  void refusesACustomKeyThatIsThereTwice() {
    int end = small.chunkAt(0);
    small.custom.add(new Entry("a", "3"));

    refuses(small.bytes(), end, "custom key 'a' is there twice");
  }

  @Test
  void refusesMoreCustomEntriesThanThereAre() {
    int count = small.chunkAt(0) - 2 * 10 - 4;

    refuses(
        resummed(with(small.bytes(), count, -1)),
        small.chunkAt(0),
        "custom key length needs 4 bytes, 0 are left");
  }

  @ParameterizedTest
  @ValueSource(longs = {6, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, -1, -32})
  void refusesAChunkThatRunsPastTheEnd(long size) {
    int last = small.chunkAt(2);

    refuses(
        resummed(with(small.bytes(), last + 16, size)),
        last + 16,
        "chunk 2 (custom 000000000000004d)",
        "compressed size " + Long.toUnsignedString(size) + " runs past the end, 5 bytes are left");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 5, 7, -1})
  void refusesSizesThatDifferWhereNothingIsCompressed(long uncompressed) {
    int region = small.chunkAt(1);

    refuses(
        resummed(with(small.bytes(), region + 8, uncompressed)),
        region + 8,
        "chunk 1 (device-memory 50653700c6865f9c)",
        "uncompressed size " + Long.toUnsignedString(uncompressed),
        "compressed size 6, yet nothing is compressed");
  }

  @Test
  void refusesAChunkThatGrewWhenItWasCompressed() {
    small.compression = 1;
    int region = small.chunkAt(1);

    refuses(
        resummed(with(small.bytes(), region + 8, 5L)),
        region + 8,
        "uncompressed size 5 differs from compressed size 6, which may only be smaller");
  }

  @Test
  void tellsWhetherAMalformedFileWasDamagedOrWrittenSo() {
    small.behindMetadata = new byte[] {1};
    byte[] written = small.bytes();
    byte[] damaged = with(written, 32, 0);

    refuses(written, small.chunkAt(0) - 1, "the file's checksum is right");
    refuses(damaged, small.chunkAt(0) - 1, "the file's checksum differs as well");
  }

  private void refuses(byte[] file, long offset, String... reason) {
    assertThatThrownBy(() -> bench.open(file, Bench.STRICT))
        .isInstanceOfSatisfying(
            CorruptCheckpointException.class,
            e -> {
              assertThat(e.reason()).contains(reason);
              assertThat(e.offset()).isEqualTo(offset);
              assertThat(e).hasMessageContaining("offset " + offset);
            });
  }
}
