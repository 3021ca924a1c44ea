package io.ringkernel.checkpoint.compression.lz4;

import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.tck.codec.CompressionCodecContract;

class Lz4ContractTest extends CompressionCodecContract {
  @Override
  public CompressionCodecProvider provider() {
    return new Lz4CodecProvider();
  }
}
