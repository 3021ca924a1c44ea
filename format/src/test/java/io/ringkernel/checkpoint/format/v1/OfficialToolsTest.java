package io.ringkernel.checkpoint.format.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.compression.lz4.Lz4CodecProvider;
import io.ringkernel.checkpoint.compression.zstd.ZstdCodecProvider;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ChunkLayout;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.v1.HandMadeFile.Chunk;
import io.ringkernel.checkpoint.tck.codec.CommandLineTool;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The chunks of a compressed file are what the official tools write and read. */
class OfficialToolsTest {
  private enum Tool {
    LZ4(1),
    ZSTD(2);

    private final int code;

    Tool(int code) {
      this.code = code;
    }

    CommandLineTool installed() {
      return CommandLineTool.required(name().toLowerCase(Locale.ROOT));
    }
  }

  private final Bench bench = Bench.with(new Lz4CodecProvider(), new ZstdCodecProvider());
  @TempDir private Path folder;

  @AfterEach
  void giveBack() {
    bench.close();
  }

  static Stream<Compression> compressions() {
    return Stream.of("lz4", "lz4:12", "zstd:-5", "zstd", "zstd:19").map(Compression::parse);
  }

  @ParameterizedTest
  @MethodSource("compressions")
  void readWhatWeWrite(Compression compression) throws Exception {
    CommandLineTool tool = CommandLineTool.required(compression.codec());
    byte[] state = wave(3_300_000);
    Checkpoint checkpoint =
        Checkpoint.builder(CheckpointMetadata.builder("k", "t").build())
            .controlBlock(ChunkContent.of(new byte[100]))
            .deviceMemory("pressure_a", ChunkContent.of(state))
            .deviceMemory("noise", ChunkContent.of(Specification.lcg(100_000, 1)))
            .build();

    byte[] file = bench.encode(checkpoint, Bench.version1().compression(compression).build());

    CheckpointFile opened = bench.open(file, Bench.STRICT);
    assertThat(tool.run(folder, stored(file, opened.chunks().get(0)), "-d", "-c", "-q"))
        .isEqualTo(new byte[100]);
    assertThat(tool.run(folder, stored(file, opened.chunks().get(1)), "-d", "-c", "-q"))
        .isEqualTo(state);
    assertThat(opened.chunks().get(2).storedSize()).isEqualTo(100_000);
    assertThat(file).hasSizeLessThan(state.length / 2);
    assertThat(Bench.bytes(opened.chunks().get(1).chunk().content())).isEqualTo(state);
  }

  static Stream<Arguments> writings() {
    return Stream.of(
        Arguments.of(Tool.LZ4, "-1"),
        Arguments.of(Tool.LZ4, "-9 -BD -B4"),
        Arguments.of(Tool.LZ4, "-1 --no-frame-crc --content-size"),
        Arguments.of(Tool.ZSTD, "-1"),
        Arguments.of(Tool.ZSTD, "-19 --no-check"),
        Arguments.of(Tool.ZSTD, "--fast=5"));
  }

  @ParameterizedTest
  @MethodSource("writings")
  void writeWhatWeRead(Tool tool, String options) throws Exception {
    byte[] state = wave(3_300_000);
    byte[] frame = run(tool, state, options + " -c -q");

    assertThat(content(tool, state.length, frame)).isEqualTo(state);
  }

  @Test
  void writeFramesThatWeReadOneAfterTheOther() throws Exception {
    byte[] state = wave(1_500_000);
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int from = 0; from < state.length; from += 500_000) {
      frames.writeBytes(
          run(Tool.ZSTD, Arrays.copyOfRange(state, from, from + 500_000), "-3 -c -q"));
    }

    assertThat(content(Tool.ZSTD, state.length, frames.toByteArray())).isEqualTo(state);
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"MAX_VALUES", "USIZE_DIFFERS"})
  void packAndUnpackTheReferencesFiles(Golden golden) {
    CheckpointFile original = bench.open(golden.file(), Bench.STRICT);
    byte[] plain = rewrite(original, Compression.NONE);
    for (String codec : List.of("lz4", "zstd")) {
      Compression compression = Compression.of(codec);
      CheckpointFile packed = bench.open(rewrite(original, compression), Bench.STRICT);

      assertThat(rewrite(packed, Compression.NONE)).isEqualTo(plain);
      packed.verifyAll().block(Bench.PATIENCE);
    }
  }

  private byte[] rewrite(CheckpointFile file, Compression compression) {
    EncodeOptions options = Bench.version1().compression(compression).build();
    try (Checkpoint checkpoint = file.checkpoint(() -> {})) {
      return bench.encode(checkpoint, options);
    }
  }

  private byte[] run(Tool tool, byte[] input, String arguments) throws Exception {
    return tool.installed().run(folder, input, arguments.split(" ", -1));
  }

  private byte[] content(Tool tool, int size, byte[] frame) {
    HandMadeFile file = new HandMadeFile();
    file.compression = tool.code;
    file.chunks.add(new Chunk(5, 0, size, frame.length, 1, frame));
    CheckpointFile opened = bench.open(file.bytes(), Bench.STRICT);
    return Bench.bytes(opened.chunks().get(0).chunk().content());
  }

  private static byte[] stored(byte[] file, ChunkLayout layout) {
    int position = (int) layout.position();
    return Arrays.copyOfRange(file, position, position + (int) layout.storedSize());
  }

  /** Compressible as a field is: slow changes with a little noise. */
  private static byte[] wave(int size) {
    byte[] wave = new byte[size];
    byte[] noise = Specification.lcg(size, 9);
    for (int i = 0; i < size; i++) {
      wave[i] = (byte) (100 * Math.sin(i / 4000.0) + (noise[i] == 0 ? 1 : 0));
    }
    return wave;
  }
}
