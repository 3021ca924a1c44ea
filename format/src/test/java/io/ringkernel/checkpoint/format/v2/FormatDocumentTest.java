package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.ReaderFixture.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.EncodeOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The document says what the code does: its annotated file is one, and its limits are ours. */
class FormatDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "format.md");
  private static final Pattern LINE =
      Pattern.compile("([0-9a-f]{4})  ((?:[0-9a-f]{2} ?){1,16})(?: {2,}.+)?");

  /** The bytes between the fences, each line where it says. */
  private static byte[] annotatedFile() throws IOException {
    List<String> lines = Files.readAllLines(DOCUMENT);
    int start = lines.indexOf("```rkcp");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String line : lines.subList(start + 1, lines.size())) {
      if (line.equals("```")) {
        return bytes.toByteArray();
      }
      if (!line.startsWith("#")) {
        Matcher parts = LINE.matcher(line);
        assertThat(parts.matches()).as(line).isTrue();
        assertThat(Integer.parseInt(parts.group(1), 16)).as(line).isEqualTo(bytes.size());
        bytes.writeBytes(HexFormat.of().parseHex(parts.group(2).replace(" ", "")));
      }
    }
    throw new AssertionError("the annotated file has no end");
  }

  @Test
  void theAnnotatedFileIsOne() throws IOException {
    try (CheckpointCodec codec = CheckpointCodec.create()) {
      CheckpointFile file = open(codec, annotatedFile());
      assertThat(ReaderFixture.failure(file.verifyAll())).isNull();
      assertThat(file.metadata().kernelId()).isEqualTo("sim");
      assertThat(file.metadata().kernelType()).isEqualTo("wave");
      assertThat(file.metadata().step()).isEqualTo(42);
      assertThat(file.metadata().gridSize()).isEqualTo(new Dim3(8, 8, 8));
      assertThat(file.metadata().tileSize()).isEqualTo(new Dim3(4, 4, 4));
      assertThat(file.metadata().hlc()).isEqualTo(new HlcTimestamp(1_700_000_000_000_000L, 3, 7));
      assertThat(file.metadata().custom()).containsExactly(java.util.Map.entry("owner", "lab"));
      assertThat(file.chunks()).hasSize(2);
      DataChunk pressure = file.chunks().get(0).chunk();
      assertThat(pressure.name()).hasValue("pressure");
      assertThat(pressure.id()).isEqualTo(DataChunk.regionId("pressure"));
      assertThat(new String(ReaderFixture.read(pressure), StandardCharsets.US_ASCII))
          .isEqualTo("waves of pressure");
      DataChunk telemetry = file.chunks().get(1).chunk();
      assertThat(telemetry.type()).isEqualTo(ChunkType.TELEMETRY);
      assertSame(ReaderFixture.read(telemetry), new byte[100]);
    }
  }

  @Test
  void theAnnotatedFileIsWhatTheWriterWrites() throws IOException {
    byte[] expected = annotatedFile();
    try (CheckpointCodec codec = CheckpointCodec.create()) {
      CheckpointFile file = open(codec, expected);
      try (Checkpoint original = file.checkpoint(() -> {})) {
        Checkpoint state =
            Checkpoint.of(
                original.metadata(),
                original.chunks().stream().map(c -> c.withContent(c.content())).toList(),
                () -> {});
        EncodeOptions options =
            EncodeOptions.builder().objectId(Objects.requireNonNull(file.objectId())).build();
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        codec
            .encode(state, options)
            .doOnNext(
                part -> {
                  byte[] bytes = new byte[part.buffer().remaining()];
                  part.buffer().get(bytes);
                  written.writeBytes(bytes);
                  part.close();
                })
            .blockLast();
        assertSame(written.toByteArray(), expected);
        assertThat(written.size()).isEqualTo(expected.length);
      }
    }
  }

  @Test
  void itsLimitsAreOurs() throws IOException {
    String document = Files.readString(DOCUMENT);
    assertThat(document)
        .contains(row("blocks of a chunk", Layout.MAX_BLOCKS))
        .contains(row("chunks", Layout.MAX_CHUNKS))
        .contains("| ancestors | %,d, each once |".formatted(Layout.MAX_ANCESTORS))
        .contains("| payload of an index page | %,d bytes".formatted(Layout.MAX_PAGE_LENGTH))
        .contains(
            "| block_size | %,d to %,d, a power of two |"
                .formatted(Layout.MIN_BLOCK_SIZE, Layout.MAX_BLOCK_SIZE));
    DecodeOptions defaults = DecodeOptions.defaults();
    assertThat(defaults.maxMetadataLength()).isEqualTo(16 << 20);
    assertThat(defaults.maxIndexLength()).isEqualTo(256 << 20);
    assertThat(defaults.maxSize()).isEqualTo(64L << 40);
  }

  private static String row(String what, long limit) {
    return "| %s | %,d | the format |".formatted(what, limit);
  }

  private static CheckpointFile open(CheckpointCodec codec, byte[] bytes) {
    return Objects.requireNonNull(
        codec.open(ChunkContent.of(bytes), DecodeOptions.defaults()).block());
  }
}
