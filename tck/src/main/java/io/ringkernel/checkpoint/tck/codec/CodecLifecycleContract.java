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
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What closing does: it is idempotent, ends all use, and releases native memory. */
public abstract class CodecLifecycleContract extends CodecContract {
  private static final byte[] RAW = SampleContent.TEXT.bytes(1000);
  private static final int ROUNDS = 1500;
  // Less than what the smallest state, kept in each use, would come to.
  private static final long NOISE = 32L * 1024 * 1024;

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
  void givesNativeMemoryBack() throws IOException, InterruptedException {
    assumeTrue(
        Files.exists(NativeMemoryProbe.STATUS),
        "how much memory a process has can't be read on this system, so it was not checked");
    List<String> printed =
        ChildJvm.run(
            NativeMemoryProbe.class,
            List.of("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC"),
            Integer.toString(codec().code()),
            Integer.toString(ROUNDS));
    assertThat(Long.parseLong(printed.get(0)))
        .as("bytes the process has grown by, in %d uses of each kind", ROUNDS)
        .isLessThan(NOISE);
  }
}
