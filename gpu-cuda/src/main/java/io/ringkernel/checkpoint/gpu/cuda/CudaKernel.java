package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import reactor.core.publisher.Mono;

/**
 * A kernel on a CUDA device. What the adapter made for it on the device and in pinned memory stays
 * until it is closed. It can be kept standing, so that several kernels are captured at one cut: see
 * {@link #quiesce}.
 */
public interface CudaKernel extends QuiescableKernel {
  /**
   * Gives all native objects back, once every checkpoint of this kernel is closed, it does not
   * stand still for a cut, and no capture or restore is under way; new ones are refused from now
   * on. Freeing waits for kernels that still run in the context: end a persistent kernel first.
   * Idempotent.
   *
   * @return fails with {@link io.ringkernel.checkpoint.error.KernelException} when that takes
   *     longer than the option {@code timeout}, or when the driver refuses to free something
   */
  Mono<Void> close();
}
