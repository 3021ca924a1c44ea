package io.ringkernel.checkpoint.storage.memory;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.tck.storage.StorageContract;
import java.util.UUID;

class MemoryStorageContractTest extends StorageContract {
  private final String place = "memory:" + UUID.randomUUID();

  @Override
  protected CheckpointStorage open() {
    return CheckpointStorages.open(place);
  }
}
