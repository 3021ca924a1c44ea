package io.ringkernel.checkpoint.examples;

import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;

/** Waves that the CPU computes: {@link WaveKernel}s. */
public final class CpuWaves implements WaveProgram {
  /** For {@link java.util.ServiceLoader}. */
  public CpuWaves() {}

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Optional<String> unavailable() {
    return Optional.empty();
  }

  @Override
  public Wave start(String kernelId, WaveSetup setup, List<WaveSource> sources) {
    WaveStart.requireUsable(setup, sources);
    WaveKernel kernel = WaveKernel.start(kernelId, setup);
    try {
      Flux.fromIterable(sources).concatMap(kernel::inject).blockLast();
      return kernel;
    } catch (RuntimeException e) {
      kernel.close();
      throw e;
    }
  }
}
