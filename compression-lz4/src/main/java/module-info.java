/** Compression code 1: LZ4 blocks and frames. */
@SuppressWarnings("module") // The codec has its digit by name.
module io.ringkernel.checkpoint.compression.lz4 {
  requires transitive io.ringkernel.checkpoint;
  requires static org.jspecify;
  requires org.lz4.java;

  exports io.ringkernel.checkpoint.compression.lz4;

  provides io.ringkernel.checkpoint.compression.CompressionCodecProvider with
      io.ringkernel.checkpoint.compression.lz4.Lz4CodecProvider;
}
