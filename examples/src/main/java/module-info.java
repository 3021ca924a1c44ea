/** Kernels to copy from, with their state captured and restored. */
module io.ringkernel.checkpoint.examples {
  requires io.ringkernel.checkpoint.core;
  requires static org.jspecify;
}
