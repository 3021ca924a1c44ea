package io.ringkernel.checkpoint.compression.lz4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.tck.codec.CommandLineTool;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames against the official tool, both ways. */
class OfficialLz4ToolTest {
  /** Several blocks of every size but the largest, of which it is more than half a block. */
  private static final byte[] RAW = Lz4Frames.content(2_600_000);

  @TempDir private Path folder;
  private CommandLineTool lz4;

  @BeforeEach
  void findTheTool() {
    lz4 = CommandLineTool.required("lz4");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 9, 12})
  void theToolReadsWhatWeWrite(int level) throws Exception {
    for (int size : new int[] {0, 1, 1000, RAW.length}) {
      byte[] raw = Arrays.copyOf(RAW, size);
      byte[] read = lz4.run(folder, Lz4Frames.compress(raw, level), "-d", "-c", "-q");
      assertThat(Arrays.equals(read, raw)).as("same %d bytes", size).isTrue();
    }
  }

  @Test
  void theToolReadsBlocksThatDoNotCompress() throws Exception {
    byte[] raw = Lz4Frames.noise(1_100_000);
    assertThat(lz4.run(folder, Lz4Frames.compress(raw, 1), "-d", "-c", "-q")).isEqualTo(raw);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "-9",
        "-12",
        "--fast=5",
        "-B4",
        "-B5",
        "-B6",
        "-B7",
        "-B4 -BD",
        "-B5 -BD -9",
        "-B6 -BD -BX",
        "-B7 -BD --no-frame-crc",
        "-B4 -BI -BX",
        "-B4 --no-frame-crc",
        "-B100 -BD",
        "-B4 -BD -BX --content-size",
        "--content-size"
      })
  void weReadWhatTheToolWrites(String options) throws Exception {
    for (int size : new int[] {0, 1, 1000, 70_000, RAW.length}) {
      byte[] raw = Arrays.copyOf(RAW, size);
      byte[] stored = lz4.run(folder, raw, (options + " -z -c -q").split(" ", -1));
      for (int piece : new int[] {stored.length, 1 + stored.length / 7}) {
        assertThat(Arrays.equals(Lz4Frames.decompress(stored, piece, 100_000), raw))
            .as("same %d bytes from pieces of %d", size, piece)
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-B4 -BD", "-B7 -BD -9", "-B4 -BI"})
  void weReadWhatTheToolMakesOfNoise(String options) throws Exception {
    byte[] raw = Lz4Frames.noise(300_000);
    System.arraycopy(RAW, 0, raw, 100_000, 50_000);
    byte[] stored = lz4.run(folder, raw, (options + " -z -c -q").split(" ", -1));
    assertThat(Arrays.equals(Lz4Frames.decompress(stored, 9_999, 9_999), raw)).isTrue();
  }

  @Test
  void weReadFramesOfTheToolBehindOurs() throws Exception {
    byte[] raw = Arrays.copyOf(RAW, 200_000);
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    stored.writeBytes(Lz4Frames.compress(raw, 1));
    stored.writeBytes(lz4.run(folder, raw, "-B4", "-BD", "-z", "-c", "-q"));
    stored.writeBytes(Lz4Frames.compress(raw, 9));
    byte[] read = Lz4Frames.decompress(stored.toByteArray(), 5000, 5000);
    assertThat(read).hasSize(3 * raw.length).startsWith(raw).endsWith(raw);
    assertThat(lz4.run(folder, stored.toByteArray(), "-d", "-c", "-q")).isEqualTo(read);
  }

  @Test
  void weSayHowToRecompressTheLegacyFormat() throws Exception {
    byte[] stored = lz4.run(folder, RAW, "-l", "-z", "-c", "-q");
    assertThatThrownBy(() -> Lz4Frames.decompress(stored, stored.length, 1000))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("legacy")
        .hasMessageContaining("recompress");
  }
}
