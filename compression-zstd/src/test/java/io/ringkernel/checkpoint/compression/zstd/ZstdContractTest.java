package io.ringkernel.checkpoint.compression.zstd;

import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.tck.codec.CompressionCodecContract;

class ZstdContractTest extends CompressionCodecContract {
  @Override
  public CompressionCodecProvider provider() {
    return new ZstdCodecProvider();
  }

  @Override
  public int openResources() {
    return Staging.open();
  }
}
