package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.core.Checkpointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A durable save of incompressible state into a file store, beside a bare write and force. */
final class DurableSave implements Contest {
  private final String memoryName;
  private final ByteBuffer memory;
  private final Checkpoint checkpoint;
  private final Path file;
  private final Checkpointer checkpointer;

  DurableSave(String memoryName, ByteBuffer memory, Path directory) {
    this.memoryName = memoryName;
    this.memory = Data.random(memory);
    this.checkpoint = Data.checkpoint(memory);
    this.file = directory.resolve("bare");
    this.checkpointer = Checkpointer.open("file:" + directory.resolve("store"));
  }

  @Override
  public String name() {
    return "durable save, " + memoryName;
  }

  @Override
  public String limitName() {
    return "FileChannel write + force";
  }

  @Override
  public long bytes() {
    return memory.capacity();
  }

  @Override
  public double budget() {
    return 0.9;
  }

  @Override
  public void ours() {
    checkpointer.save("state", checkpoint).block();
  }

  @Override
  public void limit() throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = memory.duplicate();
      while (bytes.hasRemaining()) {
        // Pieces, as anybody writes: one call with all of a heap buffer would copy it whole first.
        ByteBuffer piece = bytes.slice(bytes.position(), Math.min(4 << 20, bytes.remaining()));
        bytes.position(bytes.position() + channel.write(piece));
      }
      channel.force(true);
    }
  }

  @Override
  public void cleanUp() throws IOException {
    checkpointer.delete("state").block();
    Files.deleteIfExists(file);
  }

  @Override
  public void close() {
    checkpointer.close().block();
  }
}
