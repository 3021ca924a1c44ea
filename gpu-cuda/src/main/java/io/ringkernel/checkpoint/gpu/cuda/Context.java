package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.error.InvalidOptionException;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import org.jspecify.annotations.Nullable;

/**
 * The context a kernel's memory is in, with its device: the primary one, held by us as long as the
 * kernel, or the caller's.
 *
 * @param handle made current before each call of the driver
 * @param device ours to release the primary context of, else null
 * @param multiprocessors of the device
 */
record Context(CUcontext handle, @Nullable CUdevice device, int multiprocessors) {
  /**
   * Holds a device's primary context.
   *
   * @param ordinal of the device
   * @throws DriverException when the driver refuses
   */
  static Context primary(int ordinal) {
    CUdevice device = Driver.device(ordinal);
    int multiprocessors = Driver.multiprocessors(device);
    return new Context(Driver.retainPrimary(device), device, multiprocessors);
  }

  /** The calling thread's current context. */
  static Context current() {
    CUcontext current = Driver.current();
    if (current == null) {
      throw new InvalidOptionException(
          "context",
          "it is current, but this thread has no current context: make one current first, or leave"
              + " the option out for the device's primary one",
          null);
    }
    return new Context(current, null, Driver.multiprocessors(Driver.currentDevice()));
  }

  /** Lets the primary context go; nothing to do for the caller's. */
  void release() {
    if (device != null) {
      Driver.releasePrimary(device);
    }
  }
}
