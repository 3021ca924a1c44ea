package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Uses and closes compressors and decompressors many times, in a JVM whose heap does not change,
 * and prints by how many bytes the process has grown.
 */
final class NativeMemoryProbe {
  /** Where Linux tells what a process has in memory. */
  static final Path STATUS = Path.of("/proc/self/status");

  private static final byte[] RAW = SampleContent.TEXT.bytes(1000);

  private NativeMemoryProbe() {}

  /**
   * Runs the probe.
   *
   * @param arguments the codec's code, and how many times
   * @throws IOException when the memory in use can't be read
   */
  public static void main(String[] arguments) throws IOException {
    CompressionCodec codec = CompressionCodecs.installed().byCode(Integer.parseInt(arguments[0]));
    int rounds = Integer.parseInt(arguments[1]);
    // The first rounds also pay for what is loaded once.
    useAndClose(codec, rounds / 5);
    long before = resident();
    useAndClose(codec, rounds);
    System.out.println(resident() - before);
  }

  private static void useAndClose(CompressionCodec codec, int rounds) {
    byte[] frame = Coding.frame(codec, codec.minLevel(), RAW);
    for (int round = 0; round < rounds; round++) {
      byte[] block = Coding.block(codec, codec.maxLevel(), RAW);
      assertThat(Coding.unblock(codec, block, RAW.length)).isEqualTo(RAW);
      if (round % 4 == 0) {
        Coding.frame(codec, codec.defaultLevel(), RAW);
        assertThat(Coding.unframe(codec, frame).atEnd()).isTrue();
      }
    }
  }

  private static long resident() throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException(STATUS + " has no VmRSS");
  }
}
