package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The one codec of all checkpointers of a test class: they are many, and threads cost. */
final class SharedCodec implements BeforeAllCallback, AfterAllCallback {
  private final int threads;
  private CheckpointCodec codec;

  SharedCodec(int threads) {
    this.threads = threads;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    codec = CheckpointCodec.builder().parallelism(threads).build();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    codec.close();
  }

  CheckpointCodec codec() {
    return codec;
  }

  Checkpointer on(CheckpointStorage storage) {
    return Checkpointer.builder(storage).codec(codec).build();
  }

  Checkpointer on(TieredStorage storage) {
    return Checkpointer.builder(storage).codec(codec).build();
  }
}
