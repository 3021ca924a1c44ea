package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapterProvider;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.time.Duration;
import java.util.Optional;

/**
 * The adapter {@code "cuda"}, for kernels whose state is in the memory of a CUDA device or in host
 * memory that it maps. Its options are those of {@link CudaOptions}.
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
   * A kernel that captures and restores what the description names, with all it will need made now:
   * streams, pinned memory, shadow, code. It waits for the driver, so it is no call for a thread
   * that must not block, and it comes before a kernel that never ends is launched: after that the
   * driver may wait for its end.
   *
   * <p>Closing the kernel frees that on the device and in pinned memory, and waits for kernels that
   * still run in the context: end a persistent kernel first. It fails when what is under way, or
   * open, or standing still for a cut takes longer than the option {@code timeout}, or when the
   * driver refuses to free something.
   */
  @Override
  public AdaptedKernel adapt(KernelDescriptor descriptor) {
    return CudaKernels.adapt(descriptor);
  }
}
