package io.ringkernel.checkpoint.compression.lz4;

import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.tck.codec.NativeCodecContract;
import java.util.List;
import net.jpountz.lz4.LZ4Factory;

class Lz4ProviderTest extends NativeCodecContract {
  @Override
  protected CompressionCodecProvider provider() {
    return new Lz4CodecProvider();
  }

  @Override
  protected String module() {
    return "io.ringkernel.checkpoint.compression.lz4";
  }

  @Override
  protected List<Class<?>> libraries() {
    return List.of(LZ4Factory.class);
  }
}
