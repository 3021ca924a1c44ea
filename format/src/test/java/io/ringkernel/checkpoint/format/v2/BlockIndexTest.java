package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.WriterFixture.PATIENCE;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.checkpoint;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.region;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.BlockReferences;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.EncodeOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A file's whole index in memory: as its writer hands it over, and as it is read back. */
class BlockIndexTest {
  private static final int BLOCK = 4096;

  private final WriterFixture fixture = new WriterFixture(2);

  /** Two pages and a bit of random, compressible and zero blocks, and a short last one. */
  private final byte[] mixed =
      Bytes.join(
          Bytes.random(4000 * BLOCK, 1),
          Bytes.runs(200 * BLOCK, 2),
          new byte[4100 * BLOCK],
          Bytes.random(BLOCK + 9, 3));

  @AfterEach
  void close() {
    fixture.assertNothingIsHeld();
    fixture.close();
  }

  private EncodeOptions.Builder options() {
    return EncodeOptions.builder().blockSize(BLOCK).maxIndexWeight(Long.MAX_VALUE);
  }

  private CheckpointFile open(byte[] file) {
    return Version2Reader.open(ChunkContent.of(file), DecodeOptions.defaults(), fixture.workbench)
        .block(PATIENCE);
  }

  private static void assertEqual(BlockIndex found, BlockIndex expected) {
    assertThat(found.objectId()).isEqualTo(expected.objectId());
    assertThat(found.rootHash()).isEqualTo(expected.rootHash());
    assertThat(found.ancestors()).isEqualTo(expected.ancestors());
    assertThat(found.weight()).isEqualTo(expected.weight());
    assertThat(found.readCost(true)).isEqualTo(expected.readCost(true));
    assertThat(found.readCost(false)).isEqualTo(expected.readCost(false));
    assertThat(found.chunks()).hasSameSizeAs(expected.chunks());
    for (int i = 0; i < found.chunks().size(); i++) {
      BlockIndex.Chunk chunk = found.chunks().get(i);
      BlockIndex.Chunk other = expected.chunks().get(i);
      assertThat(chunk.fingerprints()).isEqualTo(other.fingerprints());
      for (long block = 0; block < chunk.blocks(); block++) {
        assertThat(chunk.location(block)).isEqualTo(other.location(block));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(FingerprintAlgorithm.class)
  void isHandedOverByTheWriterAsItIsReadBack(FingerprintAlgorithm algorithm) {
    Checkpoint state = checkpoint(region("a", mixed), region("empty", new byte[0]));
    byte[] file =
        WriterFixture.bytes(
            fixture.encode(
                state,
                options()
                    .fingerprints(algorithm)
                    .compression(Compression.of(DeflateCodec.NAME))
                    .build()));
    BlockIndex read = open(file).blockIndex(Long.MAX_VALUE).block(PATIENCE);

    assertEqual(fixture.written.get().index(), read);
    CheckpointFile opened = open(file);
    for (long block = 0; block < read.chunks().get(0).blocks(); block += 37) {
      assertThat(read.chunks().get(0).location(block))
          .isEqualTo(opened.locate(0, block).block(PATIENCE));
    }
    BlockFingerprints all = opened.chunks().get(0).chunk().fingerprints().block(PATIENCE);
    assertThat(read.chunks().get(0).fingerprints()).isEqualTo(all);
  }

  @Test
  void findsBlocksByTheirFingerprints() {
    BlockIndex index = write(Bytes.join(Bytes.random(10 * BLOCK, 1), Bytes.random(100, 2)));
    BlockIndex.Chunk chunk = index.chunks().get(0);
    byte[] fingerprint = new byte[16];
    for (int block = 0; block < 11; block++) {
      chunk.copyFingerprint(block, fingerprint, 0);
      assertThat(index.find(fingerprint, 0, chunk.length(block))).isEqualTo(chunk.location(block));
      // The fingerprint of a block of another length is another block's, whatever it says.
      assertThat(index.find(fingerprint, 0, 17)).isNull();
    }
    fingerprint[3]++;
    assertThat(index.find(fingerprint, 0, BLOCK)).isNull();
  }

  private BlockIndex write(byte[] state) {
    WriterFixture.bytes(fixture.encode(checkpoint(region("a", state)), options().build()));
    return fixture.written.get().index();
  }

  @Test
  void weighsLittleMoreThanItsFingerprintsAndTheirTable() {
    BlockIndex index = write(Bytes.random(5000 * BLOCK, 1));

    assertThat(index.weight()).isBetween(5000L * 16, 5000L * 16 + 4 * 16384 + 5000);
  }

  @Test
  void refusesToBeHeavierThanAllowed() {
    byte[] file =
        WriterFixture.bytes(
            fixture.encode(
                checkpoint(region("a", Bytes.random(5000 * BLOCK, 1))),
                options().maxIndexWeight(50_000).build()));

    assertThat(fixture.written.get().index()).isNull();
    assertThatThrownBy(() -> open(file).blockIndex(50_000).block(PATIENCE))
        .isInstanceOf(LimitExceededException.class);
  }

  @Test
  void aFewBytesThatStandForManyZerosAreRefusedBeforeTheyAreExpanded() {
    ChunkContent zeros = new SparseZeros(1L << 36);
    byte[] file =
        WriterFixture.bytes(
            fixture.encode(
                checkpoint(io.ringkernel.checkpoint.DataChunk.region("a", zeros)),
                EncodeOptions.builder().blockSize(16 << 20).build()));
    CheckpointFile opened = open(file);

    assertThatThrownBy(() -> opened.blockIndex(1000).block(PATIENCE))
        .isInstanceOf(LimitExceededException.class);
    assertThat(opened.blockIndex(1 << 20).block(PATIENCE).blocks()).isEqualTo(4096);
  }

  /** A host memory of zeros that takes one block of it. */
  private record SparseZeros(long size) implements ChunkContent {
    private static final java.nio.ByteBuffer ZEROS = java.nio.ByteBuffer.allocateDirect(16 << 20);

    @Override
    public reactor.core.publisher.Mono<Integer> read(long offset, java.nio.ByteBuffer target) {
      return reactor.core.publisher.Mono.error(new IllegalStateException("it has views"));
    }

    @Override
    public java.nio.ByteBuffer view(long offset, int length) {
      return ZEROS.slice(0, Math.min(length, 16 << 20));
    }
  }

  @Test
  void aDeltaFindsWhatMovedAndWhatWasRenamed() {
    byte[] state = Bytes.random(20 * BLOCK, 1);
    BlockIndex base = write(state);
    byte[] moved = Bytes.join(Bytes.random(BLOCK, 9), java.util.Arrays.copyOf(state, 19 * BLOCK));
    Checkpoint next = checkpoint(region("b", moved));

    WriterFixture.bytes(
        fixture.encode(
            next, options().references(BlockReferences.to(base, next.chunks(), false)).build()));

    assertThat(fixture.written.get().newSize()).isEqualTo(BLOCK);
    assertThat(fixture.written.get().ancestorBlocks()).isEqualTo(19);
    BlockLocation second = fixture.written.get().index().chunks().get(0).location(1);
    assertThat(second).isEqualTo(base.chunks().get(0).location(0).from(0));
  }
}
