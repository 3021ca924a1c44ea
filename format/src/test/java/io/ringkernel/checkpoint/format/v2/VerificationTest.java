package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.ReaderFixture.corruption;
import static io.ringkernel.checkpoint.format.v2.ReaderFixture.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class VerificationTest {
  private static final int BLOCK = FileBuilder.BLOCK_SIZE;

  @RegisterExtension final ReaderFixture fixture = new ReaderFixture();

  /** About 2 KB with every kind of section: raw, zero and compressed blocks, and several pages. */
  private static byte[] small() {
    return new FileBuilder()
        .chunk(ChunkType.CONTROL_BLOCK, 0, Bytes.random(300, 1))
        .chunk(ChunkType.H2K_QUEUE, 0, new byte[5000])
        .compressed("runs", Arrays.copyOf(Bytes.runs(400, 2), 3 * BLOCK))
        .region("pressure", Bytes.random(750, 3))
        .region("empty", new byte[0])
        .build();
  }

  @Test
  void findsASmallFileWhole() {
    byte[] bytes = small();
    assertThat(bytes).hasSizeBetween(1800, 2400);
    assertThat(fixture.verify(bytes)).isNull();
  }

  @Test
  void findsEveryFlippedBitOfASmallFile() {
    byte[] bytes = small();
    List<String> missed = new ArrayList<>();
    for (int at = 0; at < bytes.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] damaged = bytes.clone();
        damaged[at] ^= (byte) (1 << bit);
        expectCorruption(fixture.verify(damaged), bytes.length, at + " bit " + bit, missed);
      }
    }
    assertThat(missed).isEmpty();
  }

  @Test
  void findsOtherByteValuesInEveryPlaceOfASmallFile() {
    byte[] bytes = small();
    List<String> missed = new ArrayList<>();
    for (int at = 0; at < bytes.length; at++) {
      // Every value within 31 places: all of them in each would be 500,000 files.
      for (int change = 1 + at % 31; change < 256; change += 31) {
        byte[] damaged = bytes.clone();
        damaged[at] ^= (byte) change;
        expectCorruption(fixture.verify(damaged), bytes.length, at + " ^ " + change, missed);
      }
    }
    assertThat(missed).isEmpty();
  }

  @Test
  void findsEveryTruncationOfASmallFile() {
    byte[] bytes = small();
    List<String> missed = new ArrayList<>();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      expectCorruption(fixture.verify(cut), bytes.length, "cut at " + length, missed);
    }
    assertThat(missed).isEmpty();
  }

  @Test
  void findsBytesAddedAtTheEnd() {
    byte[] bytes = small();
    for (int more : new int[] {1, 79, 80, 81, 5000}) {
      assertThat(fixture.verify(Arrays.copyOf(bytes, bytes.length + more)))
          .isInstanceOf(CorruptCheckpointException.class)
          .hasMessageContaining("the trailer is not there");
    }
  }

  /** A finding is corruption at a place within the file, or an unknown version. */
  private static void expectCorruption(
      Throwable found, int size, String change, List<String> missed) {
    boolean told =
        found instanceof CorruptCheckpointException corrupt
            ? corrupt.offset() >= 0 && corrupt.offset() <= size
            : found instanceof CheckpointException;
    if (!told) {
      missed.add(change + ": " + found);
    }
  }

  @Test
  void tellsTheFirstOfTwoDamagedBlocks() {
    byte[] content = Bytes.random(600 * BLOCK, 4);
    byte[] bytes = new FileBuilder().region("state", content).build();
    CheckpointFile file = fixture.open(bytes);
    long first = file.locate(0, 5).block().position() + 16;
    long second = file.locate(0, 590).block().position() + 16;
    bytes[(int) first] ^= 1;
    bytes[(int) second] ^= 1;
    for (ChunkContent damaged : List.of(ChunkContent.of(bytes), fixture.onDisk(bytes))) {
      CheckpointFile opened = fixture.open(damaged, DecodeOptions.defaults());
      assertThat(corruption(opened.verifyAll()).offset()).isEqualTo(first);
    }
  }

  @Test
  void readsTheFileOnceAndInLargeReads() {
    byte[] content = Bytes.random(8 << 20, 4);
    FileOnDisk file = fixture.onDisk(new FileBuilder().region("state", content).build());
    CheckpointFile opened = fixture.open(file, DecodeOptions.defaults());
    file.reset();
    assertThat(failure(opened.verifyAll())).isNull();
    assertThat(file.bytesRead.get()).isBetween(file.size(), file.size() + (70 << 10));
    assertThat(file.reads.get()).isLessThan(16);
  }

  @Test
  void readsManyLittleChunksInFewReads() {
    FileBuilder builder = new FileBuilder();
    for (int i = 0; i < 5000; i++) {
      builder.chunk(ChunkType.CUSTOM, i, Bytes.random(100, i));
    }
    byte[] bytes = builder.build();
    FileOnDisk file = fixture.onDisk(bytes);
    CheckpointFile opened = fixture.open(file, DecodeOptions.defaults());
    file.reset();
    assertThat(failure(opened.verifyAll())).isNull();
    assertThat(file.reads.get()).isLessThan(10);
    long at = opened.locate(4321, 0).block().position() + Layout.LOCAL_HEADER_SIZE;
    bytes[(int) at] ^= 1;
    assertThat(corruption(opened.verifyAll())).hasMessageContaining("block 0 of chunk 4321");
  }

  @Test
  void readsEveryByteAnew() {
    byte[] bytes = small();
    CheckpointFile opened = fixture.open(bytes);
    assertThat(failure(opened.verifyAll())).isNull();
    for (int at = 0; at < bytes.length; at += 7) {
      bytes[at] ^= 0x10;
      assertThat(failure(opened.verifyAll()))
          .as("byte %s", at)
          .isInstanceOf(CheckpointException.class);
      bytes[at] ^= 0x10;
    }
    assertThat(failure(opened.verifyAll())).isNull();
  }

  @Test
  void refusesAnotherFileInThePlaceOfTheOneThatWasOpened() {
    byte[] bytes = small();
    FileBuilder other = new FileBuilder();
    other.metadata = other.metadata.toBuilder().step(8).build();
    byte[] replacement =
        other
            .chunk(ChunkType.CONTROL_BLOCK, 0, Bytes.random(300, 1))
            .chunk(ChunkType.H2K_QUEUE, 0, new byte[5000])
            .compressed("runs", Arrays.copyOf(Bytes.runs(400, 2), 3 * BLOCK))
            .region("pressure", Bytes.random(750, 3))
            .region("empty", new byte[0])
            .build();
    CheckpointFile opened = fixture.open(bytes);
    System.arraycopy(replacement, 0, bytes, 0, bytes.length);
    assertThat(corruption(opened.verifyAll())).hasMessageContaining("another one than when");
  }

  @Test
  void refusesBytesThatTheIndexKnowsNothingOf() {
    FileBuilder beforePages = new FileBuilder().region("state", Bytes.random(100, 1));
    beforePages.beforePages = new byte[] {1};
    CorruptCheckpointException failure = indexCorruption(beforePages.build());
    assertThat(failure).hasMessageContaining("1 bytes are there that the index knows nothing of");

    FileBuilder beforeDirectory = new FileBuilder().region("state", Bytes.random(100, 1));
    beforeDirectory.beforeDirectory = new byte[30];
    assertThat(indexCorruption(beforeDirectory.build()))
        .hasMessageContaining("30 bytes are there that the index knows nothing of");
  }

  /** What both verifications must tell, since the index shows it. */
  private CorruptCheckpointException indexCorruption(byte[] bytes) {
    CorruptCheckpointException failure = corruption(fixture.open(bytes).verifyIndex());
    assertThat(corruption(fixture.open(bytes).verifyAll()).offset()).isEqualTo(failure.offset());
    return failure;
  }

  @Test
  void refusesBlocksThatAreNotInOrder() {
    FileBuilder builder = new FileBuilder().region("state", Bytes.random(2 * BLOCK, 1));
    builder.page =
        page ->
            new IndexPage(
                page.chunk(),
                page.firstBlock(),
                List.of(page.locations().get(1), page.locations().get(0)),
                page.fingerprints());
    assertThat(indexCorruption(builder.build())).hasMessageContaining("knows nothing of");
  }

  @Test
  void refusesTwoBlocksInOnePlace() {
    byte[] block = Bytes.random(BLOCK, 1);
    FileBuilder builder = new FileBuilder().region("state", Bytes.join(block, block));
    builder.page =
        page ->
            new IndexPage(
                page.chunk(),
                page.firstBlock(),
                List.of(page.locations().get(1), page.locations().get(1)),
                page.fingerprints());
    assertThat(indexCorruption(builder.build())).hasMessageContaining("knows nothing of");
  }

  @Test
  void refusesSumsThatAreNotThoseOfThePages() {
    FileBuilder builder =
        new FileBuilder().region("state", Bytes.join(new byte[BLOCK], Bytes.random(BLOCK, 1)));
    builder.directory =
        directory ->
            new Directory(
                directory.chunks(),
                directory.ancestors(),
                new Directory.Totals(
                    directory.totals().size(),
                    directory.totals().stored(),
                    directory.totals().blocks(),
                    0,
                    0));
    assertThat(indexCorruption(builder.build())).hasMessageContaining("sums in the directory");
  }

  @Test
  void refusesALocalHeaderThatTellsOtherwiseThanTheIndex() {
    for (String part : List.of("chunk", "number", "length", "codec")) {
      FileBuilder builder = new FileBuilder().region("state", Bytes.random(BLOCK, 1));
      builder.localHeader =
          local ->
              local.chunk() != 0
                  ? local
                  : switch (part) {
                    case "chunk" -> new LocalHeader(1, 0, BLOCK, 0);
                    case "number" -> new LocalHeader(0, 1, BLOCK, 0);
                    case "length" -> new LocalHeader(0, 0, BLOCK - 1, 0);
                    default -> new LocalHeader(0, 0, BLOCK, 1);
                  };
      byte[] bytes = builder.build();
      assertThat(failure(fixture.open(bytes).verifyIndex())).isNull();
      assertThat(fixture.verify(bytes))
          .as(part)
          .isInstanceOf(CorruptCheckpointException.class)
          .hasMessageContaining("the local header of block 0 of chunk 0 'state'");
    }
  }

  @Test
  void refusesFingerprintsThatAKernelBroughtAndThatAreWrong() {
    FileBuilder builder = new FileBuilder().region("state", Bytes.random(BLOCK, 1));
    builder.page =
        page ->
            new IndexPage(
                page.chunk(),
                page.firstBlock(),
                page.locations(),
                BlockFingerprints.of(BLOCK, page.fingerprints().algorithm(), Bytes.random(16, 2)));
    builder.directory =
        directory -> {
          Directory.Entry e = directory.chunks().get(0);
          return new Directory(
              List.of(
                  new Directory.Entry(
                      e.type(),
                      e.id(),
                      0,
                      0,
                      e.name(),
                      e.algorithm(),
                      true,
                      e.size(),
                      e.stored(),
                      e.pages())),
              directory.ancestors(),
              directory.totals());
        };
    assertThat(fixture.verify(builder.build())).hasMessageContaining("the fingerprint of block 0");
  }

  @Test
  void acceptsPagesThatStandAmongTheBlocks() {
    byte[] bytes = SpilledFile.build(Bytes.random(BLOCK * 5000, 5));
    assertThat(fixture.verify(bytes)).isNull();
    bytes[bytes.length / 2] ^= 1;
    assertThat(fixture.verify(bytes)).isInstanceOf(CorruptCheckpointException.class);
  }
}
