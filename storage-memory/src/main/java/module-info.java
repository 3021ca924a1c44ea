/** Keeps named bytes in the heap: the reference backend of the storage contract. */
module io.ringkernel.checkpoint.storage.memory {
  requires io.ringkernel.checkpoint;
  requires static org.jspecify;
}
