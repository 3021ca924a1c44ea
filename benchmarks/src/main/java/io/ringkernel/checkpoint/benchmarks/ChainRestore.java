package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.core.BaseChoice;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveRequest;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Restoring from the last of fifty incremental saves, each of one block in a hundred, beside
 * restoring a full checkpoint of the same state; both from the page cache.
 */
final class ChainRestore implements Contest {
  private static final int SAVES = 50;

  private final String name;
  private final ByteBuffer memory;
  private final ByteBuffer target;
  private final Checkpointer checkpointer;

  /**
   * @param name of this contest
   * @param each what every save but the first is compared with
   */
  ChainRestore(String name, BaseChoice each, ByteBuffer memory, Path directory) {
    this.name = name;
    this.memory = Data.random(memory);
    this.target = ByteBuffer.allocateDirect(memory.capacity());
    this.checkpointer = Checkpointer.open("file:" + directory.resolve("store"));
    Changes changes = new Changes(memory);
    try (Checkpoint checkpoint = Data.checkpoint(memory)) {
      SaveRequest incremental = SaveRequest.defaults().named("chain").base(each);
      checkpointer
          .save(checkpoint, SaveRequest.defaults().named("chain").base(BaseChoice.full()))
          .block();
      for (int i = 0; i < SAVES; i++) {
        changes.make();
        checkpointer.save(checkpoint, incremental).block();
      }
      checkpointer
          .save(checkpoint, SaveRequest.defaults().named("full").base(BaseChoice.full()))
          .block();
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String limitName() {
    return "restore a full one";
  }

  @Override
  public long bytes() {
    return memory.capacity();
  }

  @Override
  public double budget() {
    return 1 / 1.1;
  }

  @Override
  public void ours() {
    read("chain");
  }

  @Override
  public void limit() {
    read("full");
  }

  private void read(String name) {
    target.clear();
    checkpointer
        .load(name)
        .flatMap(
            checkpoint ->
                checkpoint
                    .region("state")
                    .orElseThrow()
                    .content()
                    .read(0, target)
                    .doFinally(end -> checkpoint.close()))
        .block();
  }

  @Override
  public void cleanUp() {
    if (!target.flip().equals(memory)) {
      throw new IllegalStateException("other bytes were restored than were saved");
    }
  }

  @Override
  public void close() {
    checkpointer.close().block();
  }
}
