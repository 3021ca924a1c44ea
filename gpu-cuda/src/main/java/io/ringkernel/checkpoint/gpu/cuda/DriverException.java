package io.ringkernel.checkpoint.gpu.cuda;

import java.io.Serial;
import java.util.Set;
import jcuda.driver.CUresult;
import org.jspecify.annotations.Nullable;

/** A driver call that did not succeed, before anybody knows which kernel it was for. */
final class DriverException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** After one of these the driver answers every call on the context with the same code. */
  private static final Set<Integer> LOST =
      Set.of(
          CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE,
          CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
          CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_LAUNCH_FAILED);

  private final int code;

  /**
   * @param call the function's name
   * @param code what it returned
   * @param cause what JCuda threw instead of returning, or null
   */
  DriverException(String call, int code, @Nullable Throwable cause) {
    super(call + " answered " + CUresult.stringFor(code), cause);
    this.code = code;
  }

  /** The driver's code. */
  int code() {
    return code;
  }

  /** Whether the device can't be used any more. */
  boolean isDeviceLost() {
    return LOST.contains(code);
  }
}
