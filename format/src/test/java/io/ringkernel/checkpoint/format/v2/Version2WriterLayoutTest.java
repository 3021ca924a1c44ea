package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.WriterFixture.bytes;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.checkpoint;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.region;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.EncodedFile;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the bytes of a full file are. */
class Version2WriterLayoutTest {
  private static final int BLOCK = 4096;
  private static final ObjectId ID = new ObjectId("00112233445566778899aabbccddeeff");

  private final WriterFixture fixture = new WriterFixture(2);

  @AfterEach
  void nothingIsHeld() {
    fixture.assertNothingIsHeld();
    fixture.close();
  }

  private static EncodeOptions.Builder options() {
    return EncodeOptions.builder().blockSize(BLOCK).objectId(ID);
  }

  @Test
  void beginsWithTheHeaderAndTheMetadata() {
    Checkpoint state = checkpoint(region("a", Bytes.random(100, 1)));
    byte[] file = bytes(fixture.encode(state, options().build()));
    ByteBuffer header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(new String(file, 0, 8, StandardCharsets.US_ASCII)).isEqualTo("10TPKCKR");
    assertThat(header.getInt(8)).isEqualTo(2);
    assertThat(header.getInt(12)).isEqualTo(64);
    assertThat(header.getInt(16)).isEqualTo(BLOCK);
    assertThat(header.getInt(28)).as("compression").isZero();
    assertThat(header.getInt(32)).as("flags").isZero();
    assertThat(header.getLong(40)).as("created at").isEqualTo(123);
    assertThat(HexFormat.of().formatHex(file, 48, 64)).isEqualTo(ID.hex());
    assertThat(new WrittenFile(file).metadata).isEqualTo(state.metadata());
  }

  @Test
  void storesBlocksBackToBackEachBehindItsLocalHeader() {
    byte[] a = Bytes.random(2 * BLOCK + 100, 1);
    byte[] b = Bytes.random(BLOCK, 2);
    WrittenFile file = fixture.write(checkpoint(region("a", a), region("b", b)), options().build());
    assertThat(file.blocks())
        .extracting(WrittenFile.Section::header)
        .containsExactly(
            new LocalHeader(0, 0, BLOCK, 0),
            new LocalHeader(0, 1, BLOCK, 0),
            new LocalHeader(0, 2, 100, 0),
            new LocalHeader(1, 0, BLOCK, 0));
    assertThat(file.raw(0)).isEqualTo(a);
    assertThat(file.raw(1)).isEqualTo(b);
    assertThat(file.blocks().get(0).position()).isEqualTo(64 + file.header.metadataLength());
  }

  @ParameterizedTest
  @EnumSource(FingerprintAlgorithm.class)
  void theIndexHasTheFingerprintOfEveryBlock(FingerprintAlgorithm algorithm) {
    byte[] state = Bytes.random(3 * BLOCK + 1, 1);
    WrittenFile file =
        fixture.write(checkpoint(region("a", state)), options().fingerprints(algorithm).build());
    assertThat(file.directory.chunks().get(0).algorithm()).isEqualTo(algorithm);
    assertThat(file.directory.chunks().get(0).fingerprintsFromKernel()).isFalse();
    for (int block = 0; block < 4; block++) {
      int from = block * BLOCK;
      ByteBuffer raw = ByteBuffer.wrap(state, from, Math.min(BLOCK, state.length - from));
      byte[] expected = new byte[algorithm.length()];
      Fingerprinter.of(algorithm).hash(raw, expected, 0);
      assertThat(file.fingerprint(0, block)).isEqualTo(expected);
    }
  }

  @Test
  void givesTheSameBytesForTheSameStateIdAndTime() {
    Checkpoint state =
        checkpoint(region("a", Bytes.random(900_000, 1)), region("b", Bytes.runs(3_000_000, 2)));
    EncodeOptions options = options().compression(Compression.of(DeflateCodec.NAME)).build();
    byte[] once = bytes(fixture.encode(state, options));
    assertThat(bytes(fixture.encode(state, options))).isEqualTo(once);
    try (WriterFixture other = new WriterFixture(1)) {
      assertThat(bytes(other.encode(state, options))).isEqualTo(once);
    }
  }

  @Test
  void drawsANewObjectIdForEverySubscription() {
    var encoded = fixture.encode(checkpoint(), EncodeOptions.builder().createdAtMicros(1).build());
    ObjectId first = new WrittenFile(bytes(encoded)).header.objectId();
    assertThat(fixture.written.get().objectId()).isEqualTo(first);
    assertThat(new WrittenFile(bytes(encoded)).header.objectId()).isNotEqualTo(first);
  }

  @Test
  void takesTheTimeThatIsAskedForElseTheCheckpointsElseThePresent() {
    EncodeOptions asked = EncodeOptions.builder().createdAtMicros(0).build();
    assertThat(fixture.write(checkpoint(), asked).header.createdAtMicros()).isZero();
    assertThat(fixture.write(checkpoint(), EncodeOptions.defaults()).header.createdAtMicros())
        .isEqualTo(123);
    Checkpoint untold =
        Checkpoint.of(CheckpointMetadata.builder("k", "t").build(), List.of(), () -> {});
    long before = System.currentTimeMillis() * 1000;
    long now = fixture.write(untold, EncodeOptions.defaults()).header.createdAtMicros();
    assertThat(now).isBetween(before, (System.currentTimeMillis() + 1) * 1000);
  }

  @Test
  void writesAnEmptyCheckpoint() {
    WrittenFile file = fixture.write(checkpoint(), options().build());
    assertThat(file.sections).hasSize(1);
    assertThat(file.directory.chunks()).isEmpty();
    EncodedFile written = fixture.written.get();
    assertThat(written.size()).isEqualTo(file.bytes.length);
    assertThat(written.blocks()).isZero();
  }

  @Test
  void anEmptyChunkHasNeitherBlocksNorPages() {
    WrittenFile file =
        fixture.write(
            checkpoint(
                region("", new byte[0]),
                region("b", Bytes.random(10, 1)),
                DataChunk.of(ChunkType.CUSTOM, 5, ChunkContent.empty())),
            options().build());
    assertThat(file.blocks()).singleElement().extracting(s -> s.header().chunk()).isEqualTo(1);
    assertThat(file.pages.get(0)).isEmpty();
    assertThat(file.pages.get(2)).isEmpty();
    assertThat(file.directory.chunks().get(0).name()).isEmpty();
  }

  @Test
  void theDirectoryTellsTypeIdOccurrenceFlagsAndName() {
    byte[] some = {1};
    DataChunk plain = DataChunk.of(new ChunkType(-1), -2, ChunkContent.of(some));
    WrittenFile file =
        fixture.write(
            checkpoint(plain, region("näme", some).withFlags(0x80000001), plain, plain),
            options().build());
    assertThat(file.directory.chunks())
        .extracting(Directory.Entry::occurrence)
        .containsExactly(0, 0, 1, 2);
    Directory.Entry entry = file.directory.chunks().get(0);
    assertThat(entry.type()).isEqualTo(-1);
    assertThat(entry.id()).isEqualTo(-2);
    assertThat(entry.name()).isNull();
    assertThat(entry.size()).isEqualTo(1);
    Directory.Entry named = file.directory.chunks().get(1);
    assertThat(named.id()).isEqualTo(DataChunk.regionId("näme"));
    assertThat(named.flags()).isEqualTo(0x80000001);
    assertThat(named.name()).isEqualTo("näme");
  }

  @Test
  void blocksOfZerosTakeNoSpace() {
    byte[] state = new byte[5 * BLOCK + 7];
    state[BLOCK] = 1;
    state[3 * BLOCK - 1] = 1;
    state[3 * BLOCK + 17] = 1;
    WrittenFile file = fixture.write(checkpoint(region("a", state)), options().build());
    assertThat(file.locations(0))
        .extracting(BlockLocation::kind)
        .containsExactly(
            BlockLocation.Kind.ZERO,
            BlockLocation.Kind.RAW,
            BlockLocation.Kind.RAW,
            BlockLocation.Kind.RAW,
            BlockLocation.Kind.ZERO,
            BlockLocation.Kind.ZERO);
    assertThat(file.raw(0)).isEqualTo(state);
    assertThat(fixture.written.get().zeroBlocks()).isEqualTo(3);
    assertThat(fixture.written.get().storedSize()).isEqualTo(3 * BLOCK);
  }

  @Test
  void compressesABlockOnlyWhenThatMakesItShorter() {
    byte[] state = Bytes.join(Bytes.runs(BLOCK, 1), Bytes.random(BLOCK, 2), Bytes.runs(BLOCK, 3));
    WrittenFile file =
        fixture.write(
            checkpoint(region("a", state), region("one byte", new byte[] {1})),
            options().compression(Compression.of(DeflateCodec.NAME)).build());
    assertThat(file.header.compression()).isEqualTo(DeflateCodec.CODE);
    assertThat(file.locations(0))
        .extracting(BlockLocation::codec)
        .containsExactly(DeflateCodec.CODE, 0, DeflateCodec.CODE);
    for (BlockLocation location : file.locations(0)) {
      ByteBuffer stored = file.at(location).payload();
      assertThat(location.crc32()).isEqualTo(location.codec() == 0 ? 0 : Layout.crc32(stored));
    }
    assertThat(file.raw(0)).isEqualTo(state);
    assertThat(file.locations(1).get(0).kind()).isEqualTo(BlockLocation.Kind.RAW);
  }

  @Test
  void pagesDescribe4096BlocksEach() {
    byte[] state = Bytes.random(Layout.BLOCKS_PER_PAGE * BLOCK + 1, 1);
    WrittenFile file =
        fixture.write(checkpoint(region("a", state), region("b", state)), options().build());
    assertThat(file.pages.get(0))
        .extracting(page -> page.locations().size())
        .containsExactly(Layout.BLOCKS_PER_PAGE, 1);
    assertThat(file.pageSections())
        .extracting(section -> section.header().number())
        .containsExactly(0, 1, 2, 3);
    assertThat(Arrays.equals(file.raw(1), state)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 200, 1 << 20})
  void pagesPastTheLimitGoIntoTheFileEarly(long maxPageBytes) {
    byte[] state = Bytes.random(3 << 20, 1);
    Checkpoint chunks = checkpoint(region("a", state), region("b", state), region("c", state));
    WrittenFile file =
        new WrittenFile(
            bytes(
                Version2Writer.encode(
                    chunks, options().build(), fixture.workbench, e -> {}, maxPageBytes)));
    assertThat(file.pageSections())
        .extracting(section -> section.header().number())
        .containsExactly(0, 1, 2);
    long lastBlock = file.blocks().get(file.blocks().size() - 1).position();
    assertThat(file.pageSections().get(0).position() < lastBlock).isEqualTo(maxPageBytes < 1 << 20);
    for (int chunk = 0; chunk < 3; chunk++) {
      assertThat(Arrays.equals(file.raw(chunk), state)).isTrue();
    }
  }

  @Test
  void tellsWhatWasWritten() {
    byte[] state = Bytes.join(Bytes.random(BLOCK, 1), new byte[BLOCK], Bytes.random(9, 2));
    WrittenFile file = fixture.write(checkpoint(region("a", state)), options().build());
    EncodedFile expected =
        new EncodedFile(
            2,
            file.bytes.length,
            state.length,
            BLOCK + 9,
            BLOCK + 9,
            3,
            1,
            0,
            ID,
            file.trailer.rootHash(),
            List.of(),
            null);
    assertThat(fixture.written.get()).isEqualTo(expected);
    assertThat(file.directory.totals())
        .isEqualTo(new Directory.Totals(state.length, BLOCK + 9, 3, 1, 0));
  }
}
