package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.FrameCompressor;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What closing does: it is idempotent, ends all use, and gives native memory back. */
public abstract class CodecLifecycleContract extends CodecContract {
  private static final byte[] RAW = SampleContent.TEXT.bytes(1000);
  private static final int ROUNDS = 1500;
  private static final long NOISE = 96L * 1024 * 1024;
  private static final Path STATUS = Path.of("/proc/self/status");

  /** For the codec's test class. */
  protected CodecLifecycleContract() {}

  @Test
  void refusesABlockCompressorAfterItsClose() {
    BlockCompressor compressor = codec().blockCompressor(codec().defaultLevel());
    compressor.close();
    compressor.close();
    ByteBuffer target = ByteBuffer.allocate(codec().maxCompressedLength(RAW.length));
    assertThatThrownBy(() -> compressor.compress(ByteBuffer.wrap(RAW), target))
        .isInstanceOf(IllegalStateException.class);
    assertThat(target.position()).isZero();
  }

  @Test
  void refusesABlockDecompressorAfterItsClose() {
    ByteBuffer stored = ByteBuffer.wrap(Coding.block(codec(), codec().defaultLevel(), RAW));
    BlockDecompressor decompressor = codec().blockDecompressor();
    decompressor.close();
    decompressor.close();
    ByteBuffer target = ByteBuffer.allocate(RAW.length);
    assertThatThrownBy(() -> decompressor.decompress(stored, target))
        .isInstanceOf(IllegalStateException.class);
    assertThat(target.position()).isZero();
  }

  @Test
  void refusesAFrameCompressorAfterItsClose() {
    FrameCompressor compressor = codec().frameCompressor(codec().defaultLevel());
    ByteBuffer target = ByteBuffer.allocate(compressor.maxOutput(RAW.length));
    compressor.close();
    compressor.close();
    assertThatThrownBy(() -> compressor.compress(ByteBuffer.wrap(RAW), target, true))
        .isInstanceOf(IllegalStateException.class);
    assertThat(target.position()).isZero();
  }

  @Test
  void refusesAFrameDecompressorAfterItsClose() {
    ByteBuffer stored = ByteBuffer.wrap(Coding.frame(codec(), codec().defaultLevel(), RAW));
    FrameDecompressor decompressor = codec().frameDecompressor();
    decompressor.close();
    decompressor.close();
    ByteBuffer target = ByteBuffer.allocate(RAW.length);
    assertThatThrownBy(() -> decompressor.decompress(stored, target))
        .isInstanceOf(IllegalStateException.class);
    assertThat(target.position()).isZero();
  }

  @Test
  void canBeClosedInTheMidstOfAStream() {
    CompressionCodec codec = codec();
    try (FrameCompressor compressor = codec.frameCompressor(codec.defaultLevel())) {
      compressor.compress(
          ByteBuffer.wrap(RAW), ByteBuffer.allocate(compressor.maxOutput(RAW.length)), false);
    }
    byte[] stored = Coding.frame(codec, codec.defaultLevel(), RAW);
    try (FrameDecompressor decompressor = codec.frameDecompressor()) {
      ByteBuffer target = ByteBuffer.allocate(10);
      assertThat(decompressor.decompress(ByteBuffer.wrap(stored), target)).isFalse();
    }
    // A new one knows nothing of it.
    assertThat(Coding.unframe(codec, stored).bytes()).isEqualTo(RAW);
  }

  @Test
  void givesNativeMemoryBack() throws IOException {
    assumeTrue(Files.exists(STATUS), "how much memory is resident can't be read here");
    // The first rounds also pay for what is loaded once.
    useAndClose(ROUNDS / 10);
    long before = outsideTheHeap();
    useAndClose(ROUNDS);
    assertThat(outsideTheHeap() - before)
        .as("growth outside the heap over %d uses of each kind", ROUNDS)
        .isLessThan(NOISE);
  }

  private void useAndClose(int rounds) {
    CompressionCodec codec = codec();
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

  /** Resident memory that is not the heap's, which grows as it likes. */
  private static long outsideTheHeap() throws IOException {
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024 - heap;
      }
    }
    throw new IOException(STATUS + " has no VmRSS");
  }
}
