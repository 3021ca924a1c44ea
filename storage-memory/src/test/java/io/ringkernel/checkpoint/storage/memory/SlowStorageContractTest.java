package io.ringkernel.checkpoint.storage.memory;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.tck.fault.SlowStorage;
import io.ringkernel.checkpoint.tck.storage.StorageContract;
import java.time.Duration;
import java.util.UUID;
import reactor.core.scheduler.Schedulers;

/** What waits around a storage keeps its contract. */
class SlowStorageContractTest extends StorageContract {
  private final String place = "memory:" + UUID.randomUUID();

  @Override
  protected CheckpointStorage open() {
    return SlowStorage.around(
        CheckpointStorages.open(place), Duration.ofNanos(20_000), Schedulers.boundedElastic());
  }
}
