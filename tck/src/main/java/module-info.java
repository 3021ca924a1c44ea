/** The contracts of storages, codecs and kernels as tests that a backend extends. */
module io.ringkernel.checkpoint.tck {
  requires io.ringkernel.checkpoint;
  requires static org.jspecify;
}
