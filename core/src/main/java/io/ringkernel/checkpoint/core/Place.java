package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;

/** Where a store lies. */
sealed interface Place {
  /** A storage to be opened, and closed by who opens it. */
  record Named(String uri) implements Place {
    @Override
    public CheckpointStorage open() {
      return CheckpointStorages.open(uri);
    }
  }

  /** A storage that is open, and stays its owner's. */
  record Lent(CheckpointStorage storage) implements Place {
    @Override
    public CheckpointStorage open() {
      return storage;
    }
  }

  CheckpointStorage open();

  /** Whether who opens it leaves it open. */
  default boolean isLent() {
    return this instanceof Lent;
  }
}
