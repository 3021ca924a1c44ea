package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.KernelMemory;
import jcuda.driver.CUdeviceptr;

/** Device memory of JCuda, for a kernel's description. */
public final class CudaMemory {
  private CudaMemory() {}

  /**
   * A range of device memory, which stays the caller's.
   *
   * @param pointer its first byte
   * @param size bytes, at least 0
   */
  public static KernelMemory.Device of(CUdeviceptr pointer, long size) {
    return new KernelMemory.Device(Driver.addressOf(pointer), size);
  }
}
