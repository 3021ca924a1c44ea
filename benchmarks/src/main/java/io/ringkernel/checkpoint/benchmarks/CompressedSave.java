package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.EncodeOptions;
import java.nio.ByteBuffer;

/**
 * A compressed save into a storage that discards it, beside one thread that compresses and
 * fingerprints each block one after the other, times the cores.
 */
final class CompressedSave implements PerCoreContest {
  private final String codecName;
  private final ByteBuffer memory;
  private final Checkpoint checkpoint;
  private final Checkpointer checkpointer;
  private final CompressionCodec codec;

  CompressedSave(String codecName, ByteBuffer memory) {
    this.codecName = codecName;
    this.memory = Data.compressible(memory);
    this.checkpoint = Data.checkpoint(memory);
    this.codec = CompressionCodecs.installed().byName(codecName);
    this.checkpointer =
        Checkpointer.builder(new DiscardingStorage())
            .compression(Compression.of(codecName))
            .build();
  }

  @Override
  public String name() {
    return "compressed save, " + codecName;
  }

  @Override
  public String limitName() {
    return CORES + " x codec + XXH3";
  }

  @Override
  public ByteBuffer state() {
    return memory;
  }

  @Override
  public double budget() {
    return 0.85;
  }

  @Override
  public void ours() {
    checkpointer.save("state", checkpoint).block();
  }

  @Override
  public void pass(ByteBuffer blocks) {
    int blockSize = EncodeOptions.DEFAULT_BLOCK_SIZE;
    ByteBuffer target = ByteBuffer.allocateDirect(codec.maxCompressedLength(blockSize));
    long sum = 0;
    try (BlockCompressor compressor = codec.blockCompressor(codec.defaultLevel())) {
      for (int at = 0; at < blocks.capacity(); at += blockSize) {
        ByteBuffer block = blocks.slice(at, Math.min(blockSize, blocks.capacity() - at));
        sum += Xxh3Pass.of(block);
        sum += compressor.compress(block, target.clear());
      }
    }
    Drained.keep(sum);
  }

  @Override
  public void close() {
    checkpointer.close().block();
  }
}
