package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** One codec for any number of threads, each with compressors of its own. */
public abstract class CodecConcurrencyContract extends CodecContract {
  private static final int THREADS = 8;
  private static final int ROUNDS = 40;

  /** For the codec's test class. */
  protected CodecConcurrencyContract() {}

  @Test
  void makesTheSameBlocksOnManyThreads() throws Exception {
    CompressionCodec codec = codec();
    onAllThreads(thread -> makeBlocks(codec, thread));
  }

  @Test
  void readsFramesOnManyThreads() throws Exception {
    CompressionCodec codec = codec();
    byte[] raw = SampleContent.TEXT.bytes(200_000);
    byte[] expected = Coding.frame(codec, codec.defaultLevel(), raw);
    onAllThreads(
        thread -> {
          BufferKind kind = thread % 2 == 0 ? BufferKind.HEAP : BufferKind.DIRECT;
          for (int round = 0; round < ROUNDS / 8; round++) {
            byte[] frame = Coding.frame(codec, codec.defaultLevel(), raw, 50_000, kind, kind);
            assertThat(Arrays.equals(frame, expected)).as("same frame").isTrue();
            assertThat(Arrays.equals(Coding.unframe(codec, frame).bytes(), raw)).isTrue();
          }
        });
  }

  private static void makeBlocks(CompressionCodec codec, int thread) {
    SampleContent content = thread % 3 == 0 ? SampleContent.WAVE : SampleContent.TEXT;
    byte[] raw = content.bytes(64 * 1024 + thread);
    byte[] expected = Coding.block(codec, codec.defaultLevel(), raw);
    BufferKind kind = thread % 2 == 0 ? BufferKind.HEAP : BufferKind.DIRECT;
    ByteBuffer back = kind.allocate(raw.length);
    try (BlockCompressor compressor = codec.blockCompressor(codec.defaultLevel());
        BlockDecompressor decompressor = codec.blockDecompressor()) {
      for (int round = 0; round < ROUNDS; round++) {
        byte[] stored = Coding.block(compressor, codec.maxCompressedLength(raw.length), raw);
        assertThat(Arrays.equals(stored, expected)).as("same block").isTrue();
        decompressor.decompress(GuardedBuffer.holding(kind, stored).buffer(), back.clear());
        assertThat(back.flip()).isEqualTo(ByteBuffer.wrap(raw));
      }
    }
  }

  /** Work for one of the threads, by its number. */
  private interface Work {
    void run(int thread);
  }

  private static void onAllThreads(Work work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        tasks.add(
            () -> {
              work.run(thread);
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
