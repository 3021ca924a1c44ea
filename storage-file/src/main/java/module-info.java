/** Keeps named bytes as files: durable, atomic, and exact also between processes. */
module io.ringkernel.checkpoint.storage.file {
  requires io.ringkernel.checkpoint;
  requires static org.jspecify;
}
