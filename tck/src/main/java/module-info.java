/** The contracts of storages, codecs and kernels as tests that a backend extends. */
@org.jspecify.annotations.NullMarked
open module io.ringkernel.checkpoint.tck {
  requires transitive io.ringkernel.checkpoint;
  requires static transitive org.jspecify;
  requires transitive org.assertj.core;
  requires transitive org.junit.jupiter.api;
  requires transitive org.junit.jupiter.params;
  requires transitive reactor.core;
  requires com.dynatrace.hash4j;
  requires java.management;
  requires jdk.management;
  requires reactor.test;

  exports io.ringkernel.checkpoint.tck;
  exports io.ringkernel.checkpoint.tck.codec;
  exports io.ringkernel.checkpoint.tck.fault;
  exports io.ringkernel.checkpoint.tck.kernel;
  exports io.ringkernel.checkpoint.tck.storage;
}
