package io.ringkernel.checkpoint.examples.cuda;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * What a program makes on its device, given back in reverse order: its own calls of the driver,
 * each answer checked. For one thread at a time.
 */
final class Cuda implements AutoCloseable {
  private final Deque<Runnable> releases = new ArrayDeque<>();
  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();

  /**
   * Holds a device's primary context, current on this thread.
   *
   * @param ordinal of the device
   */
  Cuda(int ordinal) {
    check("cuInit", JCudaDriver.cuInit(0));
    check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, ordinal));
    check("cuDevicePrimaryCtxRetain", JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
    owned(() -> JCudaDriver.cuDevicePrimaryCtxRelease(device));
    enter();
  }

  static void check(String call, int code) {
    if (code != CUresult.CUDA_SUCCESS) {
      throw new IllegalStateException(call + " answered " + CUresult.stringFor(code));
    }
  }

  void owned(Runnable release) {
    releases.push(release);
  }

  /** Makes the context current on this thread. */
  void enter() {
    check("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(context));
  }

  /** Device memory, not initialized. */
  CUdeviceptr allocate(long bytes) {
    CUdeviceptr memory = new CUdeviceptr();
    check("cuMemAlloc", JCudaDriver.cuMemAlloc(memory, bytes));
    owned(() -> JCudaDriver.cuMemFree(memory));
    return memory;
  }

  /** Device memory with these bytes. */
  CUdeviceptr allocate(ByteBuffer content) {
    CUdeviceptr memory = allocate(content.remaining());
    byte[] bytes = new byte[content.remaining()];
    content.get(content.position(), bytes);
    check("cuMemcpyHtoD", JCudaDriver.cuMemcpyHtoD(memory, Pointer.to(bytes), bytes.length));
    return memory;
  }

  /** Device memory full of zeroes. */
  CUdeviceptr allocateZeroed(long bytes) {
    CUdeviceptr memory = allocate(bytes);
    check("cuMemsetD8", JCudaDriver.cuMemsetD8(memory, (byte) 0, bytes));
    return memory;
  }

  /** Pinned host memory that the device maps. */
  Pointer allocateMapped(long bytes) {
    Pointer memory = new Pointer();
    int flags = JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP | JCudaDriver.CU_MEMHOSTALLOC_PORTABLE;
    check("cuMemHostAlloc", JCudaDriver.cuMemHostAlloc(memory, bytes, flags));
    owned(() -> JCudaDriver.cuMemFreeHost(memory));
    return memory;
  }

  /** Where the device sees mapped memory. */
  static CUdeviceptr mapped(Pointer memory) {
    CUdeviceptr mapped = new CUdeviceptr();
    check("cuMemHostGetDevicePointer", JCudaDriver.cuMemHostGetDevicePointer(mapped, memory, 0));
    return mapped;
  }

  CUstream stream() {
    CUstream stream = new CUstream();
    check(
        "cuStreamCreate",
        JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    owned(() -> JCudaDriver.cuStreamDestroy(stream));
    return stream;
  }

  /**
   * A function of a module in PTX, which the driver assembles for its device.
   *
   * @param ptx ends with a zero byte
   * @param name of its entry
   */
  CUfunction function(byte[] ptx, String name) {
    CUmodule module = new CUmodule();
    check("cuModuleLoadData", JCudaDriver.cuModuleLoadData(module, ptx));
    owned(() -> JCudaDriver.cuModuleUnload(module));
    CUfunction function = new CUfunction();
    check("cuModuleGetFunction", JCudaDriver.cuModuleGetFunction(function, module, name));
    return function;
  }

  /** How many thread blocks of a function the device holds at once. */
  int groupsAtOnce(CUfunction function, int threads) {
    int[] each = new int[1];
    check(
        "cuOccupancyMaxActiveBlocksPerMultiprocessor",
        JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(each, function, threads, 0));
    int[] multiprocessors = new int[1];
    check(
        "cuDeviceGetAttribute",
        JCudaDriver.cuDeviceGetAttribute(
            multiprocessors, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device));
    return each[0] * multiprocessors[0];
  }

  /**
   * Gives everything back, also when one of it fails; the driver waits for kernels that still run.
   */
  @Override
  public void close() {
    enter();
    RuntimeException failure = null;
    while (!releases.isEmpty()) {
      try {
        releases.pop().run();
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
