package io.ringkernel.checkpoint.compression.zstd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.tck.codec.CommandLineTool;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames and blocks against the official tool, both ways. */
class OfficialZstdToolTest {
  private static final byte[] RAW = ZstdFrames.content(2_600_000);
  private static final int[] SIZES = {0, 1, 1000, 70_000, 1_300_000};

  @TempDir private Path folder;
  private CommandLineTool zstd;

  @BeforeEach
  void findTheTool() {
    zstd = CommandLineTool.required("zstd");
  }

  @ParameterizedTest
  @ValueSource(ints = {-5, -1, 0, 1, 3, 9, 19})
  void theToolReadsTheFramesWeWrite(int level) throws Exception {
    for (int size : SIZES) {
      byte[] raw = Arrays.copyOf(RAW, size);
      byte[] read = zstd.run(folder, ZstdFrames.compress(raw, level), "-d", "-c", "-q");
      assertThat(Arrays.equals(read, raw)).as("same %d bytes", size).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-5, 1, 3, 19})
  void theToolReadsTheBlocksWeWrite(int level) throws Exception {
    for (int size : SIZES) {
      byte[] raw = Arrays.copyOf(RAW, size);
      byte[] read = zstd.run(folder, ZstdFrames.block(raw, level), "-d", "-c", "-q");
      assertThat(Arrays.equals(read, raw)).as("same %d bytes", size).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--fast=5",
        "-1",
        "-3",
        "-19",
        "-3 --no-check",
        "-9 --check --no-content-size",
        "-3 --long=22",
        "-3 --rsyncable",
        "-1 -B65536 -T2",
        "-19 --zstd=wlog=23"
      })
  void weReadWhatTheToolWrites(String options) throws Exception {
    for (int size : SIZES) {
      byte[] raw = Arrays.copyOf(RAW, size);
      byte[] stored = zstd.run(folder, raw, (options + " -c -q").split(" ", -1));
      for (int piece : new int[] {stored.length, 1 + stored.length / 7}) {
        assertThat(Arrays.equals(ZstdFrames.decompress(stored, piece, 100_000), raw))
            .as("same %d bytes from pieces of %d", size, piece)
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-3", "-19 --no-check", "--fast=5", "-3 --no-dictID --check"})
  void weReadFramesOfTheToolAsBlocks(String options) throws Exception {
    byte[] raw = Arrays.copyOf(RAW, 64 * 1024);
    byte[] stored = zstd.run(folder, raw, (options + " -c -q").split(" ", -1));
    assertThat(ZstdFrames.unblock(stored, raw.length)).isEqualTo(raw);
  }

  @Test
  void weReadFramesOfTheToolBehindOurs() throws Exception {
    byte[] raw = Arrays.copyOf(RAW, 200_000);
    byte[] theirs = zstd.run(folder, raw, "-9", "-c", "-q");
    byte[] skippable = ZstdFrames.bytes(0x53, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3);
    byte[] ours = ZstdFrames.compress(raw, 1);
    byte[] stored = ZstdFrames.joined(skippable, ours, theirs, skippable, ours);
    byte[] read = ZstdFrames.decompress(stored, 5000, 5000);
    assertThat(read).hasSize(3 * raw.length).startsWith(raw).endsWith(raw);
    assertThat(zstd.run(folder, stored, "-d", "-c", "-q")).isEqualTo(read);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--long=27", "--ultra -22", "-3 --zstd=wlog=24"})
  void weSayHowToRecompressWhatNeedsALargerWindow(String options) throws Exception {
    byte[] stored = zstd.run(folder, new byte[40_000_000], (options + " -c -q").split(" ", -1));
    for (int piece : new int[] {1, stored.length}) {
      assertThatThrownBy(() -> ZstdFrames.decompress(stored, piece, 100_000))
          .isInstanceOf(LimitExceededException.class)
          .hasMessageContaining("8388608")
          .hasMessageContaining("zstd -19");
    }
  }
}
