package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapterProvider;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.time.Duration;
import java.util.Optional;

/**
 * The adapter {@code "cuda"}, for kernels whose state is in the memory of a CUDA device or in host
 * memory that it maps. Its options are listed in {@code docs/gpu.md}.
 */
public final class CudaKernelAdapterProvider implements KernelAdapterProvider {
  /** A machine with many devices takes several seconds to start its driver. */
  private static final Duration START = Duration.ofMinutes(1);

  /** For {@link java.util.ServiceLoader}. */
  public CudaKernelAdapterProvider() {}

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public Optional<String> unavailable() {
    return DriverLibrary.unavailable(START);
  }

  /**
   * A kernel that captures and restores what the description names. Everything that it will need is
   * made now: streams, pinned memory, shadow, code. This waits for the driver, so don't call it on
   * a thread that must not block. Call it before a kernel that never ends is launched: after that,
   * the driver may wait for the kernel's end.
   *
   * <p>Closing the kernel frees what this made on the device and in pinned memory, and waits for
   * kernels that still run in the context: end a persistent kernel first. The close fails if work
   * under way, an open checkpoint or a standstill for a cut takes longer than the option {@code
   * timeout}, or if the driver refuses to free something.
   */
  @Override
  public AdaptedKernel adapt(KernelDescriptor descriptor) {
    return CudaKernels.adapt(descriptor);
  }
}
