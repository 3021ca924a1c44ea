/**
 * The SPIs, the model and the errors: everything a backend or a kernel needs, and nothing but
 * Reactor.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // Some of the modules below are compiled later.
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
  exports io.ringkernel.checkpoint.internal to
      io.ringkernel.checkpoint.format,
      io.ringkernel.checkpoint.core,
      io.ringkernel.checkpoint.gpu.cuda,
      io.ringkernel.checkpoint.cli;

  uses io.ringkernel.checkpoint.compression.CompressionCodecProvider;
  uses io.ringkernel.checkpoint.kernel.KernelAdapterProvider;
  uses io.ringkernel.checkpoint.storage.CheckpointStorageProvider;
}
