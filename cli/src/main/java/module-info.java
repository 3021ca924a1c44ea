/** The rkcp command line over stores and single checkpoint files. */
module io.ringkernel.checkpoint.cli {
  requires io.ringkernel.checkpoint.core;
  requires static org.jspecify;
}
