/** Compression code 1: LZ4 blocks and frames. */
@SuppressWarnings("module") // The codec has its digit by name.
module io.ringkernel.checkpoint.compression.lz4 {
  requires io.ringkernel.checkpoint;
  requires static org.jspecify;
}
