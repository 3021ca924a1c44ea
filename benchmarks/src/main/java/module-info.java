/** Measures what the library does beside the physical limit of the same machine. */
module io.ringkernel.checkpoint.benchmarks {
  requires io.ringkernel.checkpoint.core;
  requires static org.jspecify;
}
