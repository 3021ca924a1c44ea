/** Compression code 2: Zstandard frames. */
module io.ringkernel.checkpoint.compression.zstd {
  requires io.ringkernel.checkpoint;
  requires static org.jspecify;
}
