import io.ringkernel.checkpoint.storage.CheckpointStorageProvider;
import io.ringkernel.checkpoint.storage.memory.MemoryStorageProvider;

/** Keeps named bytes in the heap: the reference backend of the storage contract. */
@org.jspecify.annotations.NullMarked
module io.ringkernel.checkpoint.storage.memory {
  requires transitive io.ringkernel.checkpoint;
  requires static org.jspecify;

  exports io.ringkernel.checkpoint.storage.memory;

  provides CheckpointStorageProvider with
      MemoryStorageProvider;
}
