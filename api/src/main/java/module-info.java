/**
 * The SPIs, the model and the errors: everything a backend or a kernel needs, and nothing but
 * Reactor.
 */
@org.jspecify.annotations.NullMarked
module io.ringkernel.checkpoint {
  requires transitive reactor.core;
  requires transitive org.reactivestreams;
  requires static transitive org.jspecify;

  exports io.ringkernel.checkpoint;
  exports io.ringkernel.checkpoint.compression;
  exports io.ringkernel.checkpoint.error;
  exports io.ringkernel.checkpoint.kernel;
  exports io.ringkernel.checkpoint.kernel.adapter;
  exports io.ringkernel.checkpoint.storage;
  exports io.ringkernel.checkpoint.storage.blocking;

  uses io.ringkernel.checkpoint.compression.CompressionCodecProvider;
  uses io.ringkernel.checkpoint.kernel.KernelAdapterProvider;
  uses io.ringkernel.checkpoint.storage.CheckpointStorageProvider;
}
