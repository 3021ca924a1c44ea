/** Saves, loads and restores kernels; storages and codecs are found through their SPIs. */
module io.ringkernel.checkpoint.core {
  requires transitive io.ringkernel.checkpoint.format;
  requires com.github.benmanes.caffeine;
  requires static org.jspecify;

  exports io.ringkernel.checkpoint.core;

  provides io.ringkernel.checkpoint.kernel.KernelAdapterProvider with
      io.ringkernel.checkpoint.core.host.HostKernelAdapterProvider;
}
