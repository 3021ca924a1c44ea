/** Measures the budgets of the design beside their limits; a program, not a library. */
module io.ringkernel.checkpoint.benchmarks {
  requires com.dynatrace.hash4j;
  requires io.ringkernel.checkpoint.core;
  requires io.ringkernel.checkpoint.storage.gcs.server;
  requires java.management;
  requires static org.jspecify;
}
