package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.ReaderFixture.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.EncodeOptions;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the writer writes with the installed codecs, the reader reads. */
class RoundTripTest {
  @RegisterExtension final ReaderFixture fixture = new ReaderFixture();

  @ParameterizedTest
  @CsvSource({
    "none, 4096, XXH3_128, 1",
    "none, 65536, SHA_256, 2",
    "none, 16777216, XXH3_128, 3",
    "lz4, 4096, SHA_256, 4",
    "lz4, 65536, XXH3_128, 5",
    "zstd, 65536, XXH3_128, 6",
    "zstd:-3, 8192, XXH3_128, 7",
    "zstd, 16777216, SHA_256, 8",
  })
  void givesBackRandomStates(
      String compression, int blockSize, FingerprintAlgorithm algorithm, long seed) {
    List<byte[]> contents = contents(new Random(seed));
    EncodeOptions options =
        EncodeOptions.builder()
            .compression(Compression.parse(compression))
            .blockSize(blockSize)
            .fingerprints(algorithm)
            .build();
    try (CheckpointCodec codec = CheckpointCodec.create()) {
      byte[] bytes = encode(codec, checkpoint(contents), options);
      for (ChunkContent source : List.of(ChunkContent.of(bytes), fixture.onDisk(bytes))) {
        CheckpointFile file =
            Objects.requireNonNull(codec.open(source, DecodeOptions.defaults()).block());
        assertThat(file.chunks()).hasSize(contents.size());
        assertThat(file.fingerprints()).hasValue(algorithm);
        for (int i = 0; i < contents.size(); i++) {
          assertSame(ReaderFixture.read(file.chunks().get(i).chunk()), contents.get(i));
        }
        assertThat(ReaderFixture.failure(file.verifyIndex())).isNull();
        assertThat(ReaderFixture.failure(file.verifyAll())).isNull();
      }
    }
  }

  private static List<byte[]> contents(Random random) {
    List<byte[]> contents = new ArrayList<>();
    for (int size : new int[] {0, 1, 4095, 4096, 4097, 65_536, 300_000, 3 << 20}) {
      byte[] content = new byte[size];
      for (int at = 0; at < size; ) {
        int length = Math.min(size - at, 1 + random.nextInt(100_000));
        byte[] part =
            switch (random.nextInt(3)) {
              case 0 -> new byte[length];
              case 1 -> Bytes.runs(length, random.nextLong());
              default -> Bytes.random(length, random.nextLong());
            };
        System.arraycopy(part, 0, content, at, length);
        at += length;
      }
      contents.add(content);
    }
    return contents;
  }

  private static Checkpoint checkpoint(List<byte[]> contents) {
    List<DataChunk> chunks = new ArrayList<>();
    for (byte[] content : contents) {
      ChunkContent bytes = ChunkContent.of(content);
      chunks.add(
          chunks.size() % 2 == 0
              ? DataChunk.region("region " + chunks.size(), bytes)
              : DataChunk.of(ChunkType.CUSTOM, 9, bytes).withFlags(chunks.size()));
    }
    return Checkpoint.of(CheckpointMetadata.builder("kernel", "type").build(), chunks, () -> {});
  }

  private static byte[] encode(CheckpointCodec codec, Checkpoint state, EncodeOptions options) {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    codec.encode(state, options).doOnNext(part -> append(written, part)).blockLast();
    return written.toByteArray();
  }

  private static void append(ByteArrayOutputStream written, OwnedBuffer part) {
    try (part) {
      byte[] bytes = new byte[part.buffer().remaining()];
      part.buffer().get(bytes);
      written.writeBytes(bytes);
    }
  }
}
