package io.ringkernel.checkpoint.compression.zstd;

import com.github.luben.zstd.ZstdDecompressCtx;
import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.tck.codec.NativeCodecContract;
import java.util.List;

class ZstdProviderTest extends NativeCodecContract {
  @Override
  protected CompressionCodecProvider provider() {
    return new ZstdCodecProvider();
  }

  @Override
  protected String module() {
    return "io.ringkernel.checkpoint.compression.zstd";
  }

  @Override
  protected List<Class<?>> libraries() {
    return List.of(ZstdDecompressCtx.class);
  }
}
