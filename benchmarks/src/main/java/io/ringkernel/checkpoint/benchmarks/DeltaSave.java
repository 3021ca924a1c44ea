package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.core.BaseChoice;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A durable delta of a state of which one block in a hundred changed, beside fingerprints on one
 * thread and then a bare write and force of the changed bytes.
 */
final class DeltaSave implements Contest {
  private final ByteBuffer memory;
  private final Changes changes;
  private final Checkpoint checkpoint;
  private final Path file;
  private final Checkpointer checkpointer;

  DeltaSave(ByteBuffer memory, Path directory) {
    this.memory = Data.random(memory);
    this.changes = new Changes(memory);
    this.checkpoint = Data.checkpoint(memory);
    this.file = directory.resolve("bare");
    this.checkpointer = Checkpointer.open("file:" + directory.resolve("store"));
    checkpointer.save("base", checkpoint).block();
    changes.make();
  }

  @Override
  public String name() {
    return "durable delta, 1 % changed";
  }

  @Override
  public String limitName() {
    return "XXH3, then write + force";
  }

  @Override
  public long bytes() {
    return memory.capacity();
  }

  @Override
  public double budget() {
    return 1 / 1.3;
  }

  @Override
  public void ours() {
    checkpointer
        .save(checkpoint, SaveRequest.defaults().named("delta").base(BaseChoice.named("base")))
        .block();
  }

  @Override
  public void limit() throws IOException {
    Drained.keep(Xxh3Pass.over(memory));
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer changed = memory.slice(0, (int) changes.bytes());
      while (changed.hasRemaining()) {
        channel.write(changed);
      }
      channel.force(true);
    }
  }

  @Override
  public void cleanUp() throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public void close() {
    checkpointer.close().block();
  }
}
