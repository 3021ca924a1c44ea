package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.core.BaseChoice;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveRequest;
import java.nio.ByteBuffer;

/**
 * Fingerprinting a state and comparing it with its base, beside XXH3 on one thread, times the
 * cores: a save of what has not changed, into memory.
 */
final class UnchangedSave implements PerCoreContest {
  private final ByteBuffer memory;
  private final Checkpoint checkpoint;
  private final Checkpointer checkpointer = Checkpointer.open("memory:");

  UnchangedSave(ByteBuffer memory) {
    this.memory = Data.random(memory);
    this.checkpoint = Data.checkpoint(memory);
    checkpointer.save("base", checkpoint).block();
  }

  @Override
  public String name() {
    return "fingerprint and compare";
  }

  @Override
  public String limitName() {
    return CORES + " x XXH3";
  }

  @Override
  public ByteBuffer state() {
    return memory;
  }

  @Override
  public double budget() {
    return 0.8;
  }

  @Override
  public void ours() {
    checkpointer
        .save(checkpoint, SaveRequest.defaults().named("unchanged").base(BaseChoice.named("base")))
        .block();
  }

  @Override
  public void pass(ByteBuffer blocks) {
    Drained.keep(Xxh3Pass.over(blocks));
  }

  @Override
  public void close() {
    checkpointer.close().block();
  }
}
