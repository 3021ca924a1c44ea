import io.ringkernel.checkpoint.storage.CheckpointStorageProvider;
import io.ringkernel.checkpoint.storage.file.FileStorageProvider;

/** Keeps named bytes as files: durable, atomic, and exact also between processes. */
@org.jspecify.annotations.NullMarked
module io.ringkernel.checkpoint.storage.file {
  requires transitive io.ringkernel.checkpoint;
  requires static org.jspecify;

  exports io.ringkernel.checkpoint.storage.file;

  provides CheckpointStorageProvider with
      FileStorageProvider;
}
