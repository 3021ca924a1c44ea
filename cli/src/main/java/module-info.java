/** The rkcp command line over stores and single checkpoint files. */
module io.ringkernel.checkpoint.cli {
  requires info.picocli;
  requires io.ringkernel.checkpoint.core;
  requires io.ringkernel.checkpoint.examples;
  requires java.management;
  requires static org.jspecify;

  opens io.ringkernel.checkpoint.cli to
      info.picocli;
}
