/** Compression code 2: Zstandard frames. */
module io.ringkernel.checkpoint.compression.zstd {
  requires transitive io.ringkernel.checkpoint;
  requires static org.jspecify;
  requires com.github.luben.zstd_jni;

  exports io.ringkernel.checkpoint.compression.zstd;

  provides io.ringkernel.checkpoint.compression.CompressionCodecProvider with
      io.ringkernel.checkpoint.compression.zstd.ZstdCodecProvider;
}
