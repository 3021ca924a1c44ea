package io.ringkernel.checkpoint.examples.cuda;

import io.ringkernel.checkpoint.examples.Wave;
import io.ringkernel.checkpoint.examples.WaveProgram;
import io.ringkernel.checkpoint.examples.WaveSetup;
import io.ringkernel.checkpoint.examples.WaveSource;
import io.ringkernel.checkpoint.gpu.cuda.CudaKernelAdapterProvider;
import java.util.List;
import java.util.Optional;

/** Waves that a persistent kernel computes on the first CUDA device: {@link CudaWave}s. */
public final class CudaWaves implements WaveProgram {
  /** For {@link java.util.ServiceLoader}. */
  public CudaWaves() {}

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public Optional<String> unavailable() {
    return new CudaKernelAdapterProvider().unavailable();
  }

  @Override
  public Wave start(String kernelId, WaveSetup setup, List<WaveSource> sources) {
    return CudaWave.start(kernelId, setup, sources);
  }
}
