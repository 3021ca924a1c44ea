package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.EncodeOptions;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** Encoding version 1, uncompressed, drained by a counting sink, beside CRC-32 alone. */
final class EncodeVersion1 implements Contest {
  private static final EncodeOptions OPTIONS =
      EncodeOptions.builder().formatVersion(1).createdAtMicros(1).build();

  private final CheckpointCodec codec = CheckpointCodec.create();
  private final String memoryName;
  private final ByteBuffer memory;
  private final Checkpoint checkpoint;

  EncodeVersion1(String memoryName, ByteBuffer memory) {
    this.memoryName = memoryName;
    this.memory = Data.random(memory);
    this.checkpoint = Data.checkpoint(memory);
  }

  @Override
  public String name() {
    return "encode version 1, " + memoryName;
  }

  @Override
  public String limitName() {
    return "CRC-32";
  }

  @Override
  public long bytes() {
    return memory.capacity();
  }

  @Override
  public double budget() {
    return 0.8;
  }

  @Override
  public void ours() {
    Drained.size(codec.encode(checkpoint, OPTIONS));
  }

  @Override
  public void limit() {
    CRC32 crc = new CRC32();
    crc.update(memory.duplicate());
    Drained.keep(crc.getValue());
  }

  @Override
  public void close() {
    codec.close();
  }
}
