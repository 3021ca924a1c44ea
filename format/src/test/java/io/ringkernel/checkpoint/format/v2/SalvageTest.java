package io.ringkernel.checkpoint.format.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The property of the layout that a salvage stands on. */
class SalvageTest {
  private static final int BLOCK = FileBuilder.BLOCK_SIZE;

  @RegisterExtension final ReaderFixture fixture = new ReaderFixture();

  private final byte[] first = Bytes.join(Bytes.random(BLOCK, 1), Bytes.runs(2 * BLOCK, 2));
  private final byte[] second = Bytes.random(700, 3);
  private final byte[] file =
      new FileBuilder().compressed("first", first).chunk(ChunkType.TELEMETRY, 0, second).build();

  @Test
  void findsEveryWholeBlockOfAFileCutAnywhere() {
    List<Long> ends = ends();
    for (int length = 0; length <= file.length; length++) {
      int cut = length;
      List<SectionScanner.Found> found = SectionScanner.blocks(Arrays.copyOf(file, cut));
      assertThat(found).hasSize((int) ends.stream().filter(end -> end <= cut).count());
      if (!found.isEmpty()) {
        check(found.get(found.size() - 1));
      }
    }
  }

  private List<Long> ends() {
    CheckpointFile opened = fixture.open(ChunkContent.of(file), DecodeOptions.defaults());
    List<Long> ends = new ArrayList<>();
    for (int chunk = 0; chunk < 2; chunk++) {
      for (long block = 0; block < opened.chunks().get(chunk).blocks(); block++) {
        BlockLocation location = Objects.requireNonNull(opened.locate(chunk, block).block());
        ends.add(IndexPage.end(location));
      }
    }
    assertThat(ends).hasSize(4);
    return ends;
  }

  private void check(SectionScanner.Found found) {
    byte[] content = found.header().chunk() == 0 ? first : second;
    int start = found.header().number() * BLOCK;
    byte[] expected = Arrays.copyOfRange(content, start, Math.min(content.length, start + BLOCK));
    ByteBuffer raw = ByteBuffer.allocate(expected.length);
    if (found.header().codec() == 0) {
      raw.put(found.payload());
    } else {
      try (BlockDecompressor decompressor = fixture.codec.blockDecompressor()) {
        decompressor.decompress(found.payload(), raw);
      }
    }
    ReaderFixture.assertSame(raw.array(), expected);
  }
}
