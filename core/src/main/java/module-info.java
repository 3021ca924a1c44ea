/** Saves, loads and restores kernels; storages and codecs are found through their SPIs. */
module io.ringkernel.checkpoint.core {
  requires io.ringkernel.checkpoint.format;
  requires static org.jspecify;
}
