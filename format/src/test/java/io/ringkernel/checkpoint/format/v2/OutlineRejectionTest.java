package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.ReaderFixture.corruption;
import static io.ringkernel.checkpoint.format.v2.ReaderFixture.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.RootHash;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

/** Every rule of header, metadata and trailer, and every limit, each broken alone. */
class OutlineRejectionTest {
  private static final int BLOCK = FileBuilder.BLOCK_SIZE;

  /** Of the one entry in the directory, behind the chunk count. */
  private static final int ENTRY = 4;

  @RegisterExtension final ReaderFixture fixture = new ReaderFixture();

  private static FileBuilder valid() {
    return new FileBuilder().region("state", Bytes.random(BLOCK + 10, 1));
  }

  private Mono<CheckpointFile> open(byte[] bytes, DecodeOptions options) {
    return Version2Reader.open(ChunkContent.of(bytes), options, fixture.workbench);
  }

  private static Arguments rule(String reason, Consumer<FileBuilder> broken) {
    return Arguments.of(reason, broken);
  }

  private static Header header(Header h, int blockSize, int metadataLength, int compression) {
    return new Header(
        blockSize,
        metadataLength,
        h.metadataCrc32(),
        compression,
        h.createdAtMicros(),
        h.objectId());
  }

  static List<Arguments> outlineRules() {
    List<Arguments> rules = new ArrayList<>();
    for (int size : new int[] {0, 2048, 5000, 1 << 25, -1}) {
      rules.add(rule("block size", b -> b.header = h -> header(h, size, h.metadataLength(), 0)));
    }
    rules.add(
        rule(
            "compression code 256 is above 255",
            b -> b.header = h -> header(h, BLOCK, h.metadataLength(), 256)));
    rules.add(
        rule("the metadata runs past the end", b -> b.header = h -> header(h, BLOCK, 1 << 20, 0)));
    rules.add(
        rule(
            "the metadata runs into the directory",
            b -> b.header = h -> header(h, BLOCK, 4400, 0)));
    rules.add(
        rule(
            "metadata checksum", b -> b.header = h -> header(h, BLOCK, h.metadataLength() - 1, 0)));
    rules.add(
        rule(
            "2 bytes too many after the metadata",
            b -> b.metadataBytes = Payload.append((byte) 0, (byte) 0)));
    rules.add(rule("kernel id length", b -> b.metadataBytes = Payload.poke(m -> m.putInt(0, -1))));
    rules.add(
        rule(
            "kernel id is not UTF-8",
            b -> b.metadataBytes = Payload.poke(m -> m.put(4, (byte) 0xFF))));
    rules.add(
        rule(
            "the local header of the directory",
            b ->
                b.localHeader =
                    l ->
                        l.chunk() == Layout.DIRECTORY_SECTION
                            ? new LocalHeader(l.chunk(), 1, l.storedLength(), 0)
                            : l));
    rules.add(
        rule(
            "the root hash is not that of",
            b ->
                b.trailer =
                    t ->
                        new Trailer(
                            t.directoryPosition(),
                            t.directoryLength(),
                            t.totalSize(),
                            RootHash.of(new byte[32]),
                            t.directoryCrc32())));
    rules.add(
        rule(
            "directory checksum",
            b ->
                b.trailer =
                    t ->
                        new Trailer(
                            t.directoryPosition(),
                            t.directoryLength(),
                            t.totalSize(),
                            t.rootHash(),
                            1)));
    rules.add(
        rule(
            "its trailer says 18446744073709551615",
            b ->
                b.trailer =
                    t ->
                        new Trailer(
                            t.directoryPosition(), t.directoryLength(), -1, t.rootHash(), 1)));
    for (long length : new long[] {-1, Long.MIN_VALUE, 0, 1 << 20, Long.MAX_VALUE}) {
      rules.add(
          rule(
              "the directory does not end where the trailer begins",
              b ->
                  b.trailer =
                      t ->
                          new Trailer(
                              t.directoryPosition(), length, t.totalSize(), t.rootHash(), 1)));
    }
    for (long position : new long[] {0, Layout.HEADER_SIZE - 1, Long.MAX_VALUE}) {
      rules.add(
          rule(
              "the directory does not end where the trailer begins",
              b -> b.trailer = t -> endingAtTheTrailer(t, position)));
    }
    return rules;
  }

  /** With a directory that ends where it should, but begins where it can't. */
  private static Trailer endingAtTheTrailer(Trailer t, long position) {
    long end = t.directoryPosition() + t.directoryLength();
    return new Trailer(position, end - position, t.totalSize(), t.rootHash(), t.directoryCrc32());
  }

  @ParameterizedTest
  @MethodSource("outlineRules")
  void refusesABrokenOutlineWhenOpening(String reason, Consumer<FileBuilder> broken) {
    FileBuilder builder = valid();
    broken.accept(builder);
    byte[] bytes = builder.build();
    assertThat(corruption(open(bytes, DecodeOptions.defaults())))
        .hasMessageContaining(reason)
        .satisfies(e -> assertThat(e.offset()).isBetween(0L, (long) bytes.length));
  }

  @ParameterizedTest
  @CsvSource({
    "8, the directory does not end",
    "24, its trailer says",
    "32, the root hash",
    "68, reserved trailer bytes",
    "76, trailer checksum"
  })
  void saysWhereTheTrailerIsBroken(int at, String reason) {
    byte[] bytes = valid().build();
    int trailer = bytes.length - Layout.TRAILER_SIZE;
    bytes[trailer + at]++;
    if (at < 76) {
      repairTrailer(bytes);
    }

    assertThat(corruption(open(bytes, DecodeOptions.defaults())))
        .hasMessageContaining(reason)
        .satisfies(e -> assertThat(e.offset()).isEqualTo(trailer + at));
  }

  @Test
  void refusesReservedBitsOfTheHeader() {
    for (int bit = 0; bit < 32; bit++) {
      byte[] bytes = valid().build();
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(32, 1 << bit);
      repairHeader(bytes);
      assertThat(corruption(open(bytes, DecodeOptions.defaults())))
          .hasMessageContaining("reserved header flags");
    }
  }

  private static void repairHeader(byte[] bytes) {
    byte[] covered =
        Bytes.join(java.util.Arrays.copyOf(bytes, 36), java.util.Arrays.copyOfRange(bytes, 40, 64));
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(36, Layout.crc32(ByteBuffer.wrap(covered)));
  }

  @Test
  void refusesAHeaderOfAnotherSize() {
    byte[] bytes = valid().build();
    bytes[12] = 56;
    assertThat(corruption(open(bytes, DecodeOptions.defaults())))
        .hasMessageContaining("header size");
  }

  @Test
  void refusesReservedBytesOfTheTrailer() {
    for (int i = 0; i < 8; i++) {
      byte[] bytes = valid().build();
      int trailer = bytes.length - Layout.TRAILER_SIZE;
      bytes[trailer + 68 + i] = 1;
      repairTrailer(bytes);
      assertThat(corruption(open(bytes, DecodeOptions.defaults())))
          .hasMessageContaining("reserved trailer bytes");
    }
  }

  private static void repairTrailer(byte[] bytes) {
    int trailer = bytes.length - Layout.TRAILER_SIZE;
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(trailer + 76, Layout.crc32(ByteBuffer.wrap(bytes, trailer, 76)));
  }

  @Test
  void namesAVersionThatItDoesNotRead() {
    byte[] bytes = valid().build();
    bytes[8] = 3;
    assertThat(failure(open(bytes, DecodeOptions.defaults())))
        .isInstanceOf(UnsupportedVersionException.class);
  }

  @Test
  void holdsTheLimitsOfItsOptions() {
    byte[] bytes = valid().build();
    DecodeOptions.Builder options = DecodeOptions.builder();
    assertLimit(
        bytes, options.maxSize(BLOCK + 9).build(), "restored size 4106 is above the limit of 4105");
    assertLimit(
        bytes, options.maxSize(BLOCK + 10).maxMetadataLength(20).build(), "metadata length");
    assertLimit(
        bytes, options.maxMetadataLength(1 << 20).maxIndexLength(100).build(), "directory length");
    assertThat(failure(open(bytes, options.maxIndexLength(200).build()))).isNull();
  }

  @Test
  void holdsTheLimitOnSizeForAllChunksTogether() {
    byte[] bytes = valid().region("more", Bytes.random(100, 2)).build();
    DecodeOptions.Builder options = DecodeOptions.builder();
    assertLimit(
        bytes, options.maxSize(BLOCK + 109).build(), "restored size 4206 is above the limit");
    assertThat(failure(open(bytes, options.maxSize(BLOCK + 110).build()))).isNull();
  }

  @Test
  void readsMetadataAsLongAsTheLimit() {
    byte[] bytes = valid().build();
    int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(20);
    DecodeOptions.Builder options = DecodeOptions.builder();
    assertThat(failure(open(bytes, options.maxMetadataLength(length).build()))).isNull();
    assertLimit(bytes, options.maxMetadataLength(length - 1).build(), "metadata length");
  }

  @Test
  void readsBlocksOfTheLargestSize() {
    FileBuilder builder = valid();
    builder.blockSize = Layout.MAX_BLOCK_SIZE;
    assertThat(failure(open(builder.build(), DecodeOptions.defaults()))).isNull();
  }

  private void assertLimit(byte[] bytes, DecodeOptions options, String message) {
    assertThat(failure(open(bytes, options)))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining(message);
  }

  @Test
  void holdsTheLimitOnSizeWhateverTheSizeSays() {
    for (long size : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 46) + 1}) {
      FileBuilder builder = valid();
      builder.directoryBytes = Payload.poke(d -> d.putLong(ENTRY + 24, size));
      assertLimit(
          builder.build(),
          DecodeOptions.defaults(),
          "restored size " + Long.toUnsignedString(size) + " is above the limit");
    }
  }

  @Test
  void refusesFilesTooShortToBeOne() {
    for (int length = 0; length < 160; length++) {
      byte[] bytes = java.util.Arrays.copyOf(valid().build(), length);
      assertThat(corruption(open(bytes, DecodeOptions.defaults())).offset()).isEqualTo(length);
    }
  }
}
