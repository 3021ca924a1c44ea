/** Kernels to copy from, with their state captured and restored. */
module io.ringkernel.checkpoint.examples {
  requires transitive io.ringkernel.checkpoint;
  requires transitive io.ringkernel.checkpoint.core;
  requires static micrometer.core;
  requires static org.jspecify;

  exports io.ringkernel.checkpoint.examples;

  uses io.ringkernel.checkpoint.examples.WaveProgram;

  provides io.ringkernel.checkpoint.examples.WaveProgram with
      io.ringkernel.checkpoint.examples.CpuWaves;
}
