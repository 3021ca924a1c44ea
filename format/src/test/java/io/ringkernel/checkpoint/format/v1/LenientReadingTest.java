package io.ringkernel.checkpoint.format.v1;

import static io.ringkernel.checkpoint.format.v1.HandMadeFile.resummed;
import static io.ringkernel.checkpoint.format.v1.HandMadeFile.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.v1.HandMadeFile.Chunk;
import io.ringkernel.checkpoint.format.v1.HandMadeFile.Entry;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lenient reading takes what the reference takes, and no more. */
class LenientReadingTest {
  private final RunLengthCodec codec = new RunLengthCodec(1);
  private final Bench bench = Bench.with(codec);
  private final HandMadeFile small = HandMadeFile.small();

  @AfterEach
  void giveBack() {
    bench.close();
  }

  static Stream<Named<byte[]>> whatTheReferenceDoesNotLookAt() {
    byte[] file = HandMadeFile.small().bytes();
    byte[] reserved = file.clone();
    Arrays.fill(reserved, 48, 64, (byte) 0xFF);
    HandMadeFile longer = HandMadeFile.small();
    longer.behindMetadata = new byte[7];
    longer.behindChunks = new byte[33];
    return Stream.of(
        Named.of("header size", with(file, 12, 12345)),
        Named.of("small total size", with(file, 16, 0L)),
        Named.of("large total size", with(file, 16, 1L << 30)),
        Named.of("unknown compression", with(file, 28, 7)),
        Named.of("header flags", with(file, 36, -1)),
        Named.of("reserved bytes", reserved),
        Named.of("bytes behind metadata and chunks", longer.bytes()));
  }

  @ParameterizedTest
  @MethodSource("whatTheReferenceDoesNotLookAt")
  void acceptsWhatTheReferenceDoesNotLookAt(byte[] file) {
    CheckpointFile read = bench.open(file, Bench.LENIENT);

    assertThat(read.metadata()).isEqualTo(bench.open(small.bytes(), Bench.STRICT).metadata());
    assertThat(contents(read))
        .containsExactly(
            new byte[] {1, 2, 3}, new byte[] {4, 5, 6, 7, 8, 9}, new byte[] {10, 11, 12, 13, 14});
    assertThatThrownBy(() -> bench.open(file, Bench.STRICT))
        .isInstanceOf(CorruptCheckpointException.class);
  }

  @Test
  void takesAsManyChunksAsAreTold() {
    CheckpointFile read = bench.open(with(small.bytes(), 24, 1), Bench.LENIENT);

    assertThat(contents(read)).containsExactly(new byte[] {1, 2, 3});
  }

  @Test
  void takesTheLastOfTwoCustomEntriesOfOneKey() {
    small.custom.add(new Entry("a", "last"));

    CheckpointFile read = bench.open(small.bytes(), Bench.LENIENT);

    assertThat(read.metadata().custom()).containsEntry("a", "last").hasSize(2);
  }

  @Test
  void takesTheBytesThatAreThereWhereSizesDiffer() {
    byte[] file = resummed(with(small.bytes(), small.chunkAt(1) + 8, -1L));

    CheckpointFile read = bench.open(file, Bench.LENIENT);

    assertThat(read.chunks().get(1).declaredSize()).isEqualTo(-1L);
    assertThat(read.chunks().get(1).storedSize()).isEqualTo(6);
    assertThat(read.chunks().get(1).chunk().size()).isEqualTo(6);
    assertThat(contents(read).get(1)).containsExactly(4, 5, 6, 7, 8, 9);
  }

  @Test
  void takesAChunkAsItIsWhenItIsLargerThanTold() {
    small.compression = 1;
    byte[] file = resummed(with(small.bytes(), small.chunkAt(1) + 8, 5L));

    assertThat(contents(bench.open(file, Bench.LENIENT)).get(1)).containsExactly(4, 5, 6, 7, 8, 9);
  }

  @Test
  void decompressesWhatIsCompressed() {
    small.compression = 1;
    small.chunks.set(0, compressed(9, RunLengthCodec.frame(9, 'x')));

    CheckpointFile read = bench.open(small.bytes(), Bench.LENIENT);

    assertThat(contents(read).get(0)).asString().isEqualTo("xxxxxxxxx");
  }

  static Stream<Named<byte[]>> whatTheReferenceRefuses() {
    HandMadeFile malformed = HandMadeFile.small();
    malformed.kernelId = new byte[] {(byte) 0xFF};
    HandMadeFile small = HandMadeFile.small();
    byte[] file = small.bytes();
    return Stream.of(
        Named.of("another magic number", with(file, 0, 1L)),
        Named.of("another version", with(file, 8, 0)),
        Named.of("total size past the limit", with(file, 16, (1L << 30) + 1)),
        Named.of("another checksum", with(file, 32, 0)),
        Named.of("more chunks than there are", with(file, 24, 4)),
        Named.of("malformed UTF-8", malformed.bytes()),
        Named.of("no metadata", resummed(with(file, 64, -1))),
        Named.of("a chunk past the end", resummed(with(file, small.chunkAt(2) + 16, 1L << 62))));
  }

  @ParameterizedTest
  @MethodSource("whatTheReferenceRefuses")
  void refusesWhatTheReferenceRefuses(byte[] file) {
    assertThatThrownBy(() -> bench.open(file, Bench.LENIENT))
        .isInstanceOf(CheckpointException.class);
  }

  private static Chunk compressed(long size, byte[] frame) {
    return new Chunk(1, 0, size, frame.length, 0, frame);
  }

  private static List<byte[]> contents(CheckpointFile file) {
    return file.checkpoint(() -> {}).chunks().stream()
        .map(DataChunk::content)
        .map(Bench::bytes)
        .toList();
  }
}
