package io.ringkernel.checkpoint.gpu.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/**
 * Host memory that the driver has locked in place, so that a device copies to and from it by
 * itself: ours, which every context may use and devices can map, and how to tell that of others.
 *
 * @param pointer its first byte
 * @param buffer all of it, in the machine's order
 */
record PinnedMemory(Pointer pointer, ByteBuffer buffer) {
  /**
   * Allocates some, in the current context.
   *
   * @param size bytes
   */
  static PinnedMemory allocate(long size) {
    Pointer made = new Pointer();
    int flags = JCudaDriver.CU_MEMHOSTALLOC_PORTABLE | JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP;
    Driver.check("cuMemHostAlloc", () -> JCudaDriver.cuMemHostAlloc(made, size, flags));
    return new PinnedMemory(made, made.getByteBuffer(0, size).order(ByteOrder.nativeOrder()));
  }

  void free() {
    Driver.check("cuMemFreeHost", () -> JCudaDriver.cuMemFreeHost(pointer));
  }

  /** Where the current context's device sees it. */
  CUdeviceptr mapped() {
    CUdeviceptr mapped = new CUdeviceptr();
    Driver.check(
        "cuMemHostGetDevicePointer",
        () -> JCudaDriver.cuMemHostGetDevicePointer(mapped, pointer, 0));
    return mapped;
  }

  /**
   * Whether both ends of a buffer are pinned, whoever asked for it. What is between them the driver
   * tells only by refusing a copy, with {@code CUDA_ERROR_INVALID_VALUE}.
   */
  static boolean hasEndsOf(ByteBuffer memory) {
    return memory.isDirect()
        && memory.hasRemaining()
        && holds(memory, memory.position())
        && holds(memory, memory.limit() - 1);
  }

  /**
   * Of what was to be mapped the driver tells where a device sees it, of what it has allocated with
   * which flags: each is documented for these only. Where it tells neither, what is copied then
   * will say what is wrong.
   */
  private static boolean holds(ByteBuffer memory, int at) {
    Pointer address = Pointer.to(memory.slice(at, 1));
    return Driver.knows(
            "cuMemHostGetDevicePointer",
            () -> JCudaDriver.cuMemHostGetDevicePointer(new CUdeviceptr(), address, 0))
        || Driver.knows(
            "cuMemHostGetFlags", () -> JCudaDriver.cuMemHostGetFlags(new int[1], address));
  }
}
