package io.ringkernel.checkpoint.gpu.cuda;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * The driver's functions that are used here, each with its answer checked: what is not success is a
 * {@link DriverException}. All but the first few work on the calling thread's current context.
 */
final class Driver {
  private Driver() {}

  /** Device memory by its address, which JCuda does not show. */
  private static final class Address extends CUdeviceptr {
    Address() {}

    Address(CUdeviceptr other) {
      super(other);
    }

    long value() {
      return getNativePointer() + getByteOffset();
    }
  }

  static long addressOf(CUdeviceptr pointer) {
    return new Address(pointer).value();
  }

  static CUdeviceptr pointerTo(long address) {
    return new CUdeviceptr().withByteOffset(address);
  }

  static void check(String name, IntSupplier call) {
    int code = answer(name, call);
    if (code != CUresult.CUDA_SUCCESS) {
      throw new DriverException(name, code, null);
    }
  }

  /** JCuda may have been told, for the whole process, to throw where the driver returns. */
  private static int answer(String name, IntSupplier call) {
    try {
      return call.getAsInt();
    } catch (CudaException e) {
      int code =
          IntStream.range(1, CUresult.CUDA_ERROR_UNKNOWN)
              .filter(each -> CUresult.stringFor(each).equals(e.getMessage()))
              .findFirst()
              .orElse(CUresult.CUDA_ERROR_UNKNOWN);
      if (code == CUresult.CUDA_ERROR_NOT_READY) {
        return code;
      }
      throw new DriverException(name, code, e);
    }
  }

  /** Whether the driver knows an answer; a question that it refuses is none of its errors. */
  static boolean knows(String name, IntSupplier question) {
    try {
      return answer(name, question) == CUresult.CUDA_SUCCESS;
    } catch (DriverException e) {
      return false;
    }
  }

  private static boolean isDone(String name, IntSupplier call) {
    int code = answer(name, call);
    if (code != CUresult.CUDA_SUCCESS && code != CUresult.CUDA_ERROR_NOT_READY) {
      throw new DriverException(name, code, null);
    }
    return code == CUresult.CUDA_SUCCESS;
  }

  /** Starts the driver; as often as one likes. */
  static void init() {
    check("cuInit", () -> JCudaDriver.cuInit(0));
  }

  static int version() {
    int[] version = new int[1];
    check("cuDriverGetVersion", () -> JCudaDriver.cuDriverGetVersion(version));
    return version[0];
  }

  static int deviceCount() {
    int[] count = new int[1];
    check("cuDeviceGetCount", () -> JCudaDriver.cuDeviceGetCount(count));
    return count[0];
  }

  static CUdevice device(int ordinal) {
    CUdevice device = new CUdevice();
    check("cuDeviceGet", () -> JCudaDriver.cuDeviceGet(device, ordinal));
    return device;
  }

  static int multiprocessors(CUdevice device) {
    int[] value = new int[1];
    check(
        "cuDeviceGetAttribute",
        () ->
            JCudaDriver.cuDeviceGetAttribute(
                value, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device));
    return value[0];
  }

  static CUcontext retainPrimary(CUdevice device) {
    CUcontext context = new CUcontext();
    check("cuDevicePrimaryCtxRetain", () -> JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
    return context;
  }

  static void releasePrimary(CUdevice device) {
    check("cuDevicePrimaryCtxRelease", () -> JCudaDriver.cuDevicePrimaryCtxRelease(device));
  }

  static void makeCurrent(CUcontext context) {
    check("cuCtxSetCurrent", () -> JCudaDriver.cuCtxSetCurrent(context));
  }

  /** The calling thread's context; null when it has none. */
  static @Nullable CUcontext current() {
    CUcontext context = new CUcontext();
    check("cuCtxGetCurrent", () -> JCudaDriver.cuCtxGetCurrent(context));
    return context.equals(new CUcontext()) ? null : context;
  }

  static CUdevice currentDevice() {
    CUdevice device = new CUdevice();
    check("cuCtxGetDevice", () -> JCudaDriver.cuCtxGetDevice(device));
    return device;
  }

  /** Bytes of device memory that are free. */
  static long freeMemory() {
    long[] free = new long[1];
    check("cuMemGetInfo", () -> JCudaDriver.cuMemGetInfo(free, new long[1]));
    return free[0];
  }

  static long allocate(long size) {
    Address made = new Address();
    check("cuMemAlloc", () -> JCudaDriver.cuMemAlloc(made, size));
    return made.value();
  }

  static void free(long address) {
    check("cuMemFree", () -> JCudaDriver.cuMemFree(pointerTo(address)));
  }

  static void clear(long address, long size) {
    check("cuMemsetD8", () -> JCudaDriver.cuMemsetD8(pointerTo(address), (byte) 0, size));
  }

  /** From the remaining bytes of a direct buffer. */
  static void copyIn(long to, ByteBuffer from, CUstream stream) {
    ByteBuffer bytes = from.slice();
    check(
        "cuMemcpyHtoDAsync",
        () ->
            JCudaDriver.cuMemcpyHtoDAsync(
                pointerTo(to), Pointer.to(bytes), bytes.remaining(), stream));
  }

  /** To the remaining bytes of a direct buffer. */
  static void copyOut(ByteBuffer to, long from, CUstream stream) {
    ByteBuffer bytes = to.slice();
    check(
        "cuMemcpyDtoHAsync",
        () ->
            JCudaDriver.cuMemcpyDtoHAsync(
                Pointer.to(bytes), pointerTo(from), bytes.remaining(), stream));
  }

  static void copy(long to, long from, long size, CUstream stream) {
    check(
        "cuMemcpyDtoDAsync",
        () -> JCudaDriver.cuMemcpyDtoDAsync(pointerTo(to), pointerTo(from), size, stream));
  }

  /** A stream that does not wait for the legacy default stream, nor it for this one. */
  static CUstream createStream() {
    CUstream stream = new CUstream();
    check(
        "cuStreamCreate",
        () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    return stream;
  }

  static void destroy(CUstream stream) {
    check("cuStreamDestroy", () -> JCudaDriver.cuStreamDestroy(stream));
  }

  /** Whether nothing is left to do in a stream. */
  static boolean isDone(CUstream stream) {
    return isDone("cuStreamQuery", () -> JCudaDriver.cuStreamQuery(stream));
  }

  static CUevent createEvent() {
    CUevent event = new CUevent();
    check(
        "cuEventCreate",
        () -> JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING));
    return event;
  }

  static void destroy(CUevent event) {
    check("cuEventDestroy", () -> JCudaDriver.cuEventDestroy(event));
  }

  static void record(CUevent event, CUstream stream) {
    check("cuEventRecord", () -> JCudaDriver.cuEventRecord(event, stream));
  }

  /** Whether all is done that was in the stream when the event was recorded. */
  static boolean isDone(CUevent event) {
    return isDone("cuEventQuery", () -> JCudaDriver.cuEventQuery(event));
  }

  static CUmodule load(byte[] ptx) {
    CUmodule module = new CUmodule();
    byte[] terminated = Arrays.copyOf(ptx, ptx.length + 1);
    check("cuModuleLoadData", () -> JCudaDriver.cuModuleLoadData(module, terminated));
    return module;
  }

  static void unload(CUmodule module) {
    check("cuModuleUnload", () -> JCudaDriver.cuModuleUnload(module));
  }

  /** A function of a module, loaded now and not at its first launch. */
  static CUfunction function(CUmodule module, String name) {
    CUfunction function = new CUfunction();
    check("cuModuleGetFunction", () -> JCudaDriver.cuModuleGetFunction(function, module, name));
    check(
        "cuFuncGetAttribute",
        () ->
            JCudaDriver.cuFuncGetAttribute(
                new int[1],
                CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK,
                function));
    return function;
  }

  /** How many groups of a function one multiprocessor has room for, when nothing else is on it. */
  static int groupsPerMultiprocessor(CUfunction function, int threads) {
    int[] groups = new int[1];
    check(
        "cuOccupancyMaxActiveBlocksPerMultiprocessor",
        () ->
            JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(groups, function, threads, 0));
    return groups[0];
  }

  /** A launch, to be run once, of a function whose parameters are all 64 bits wide. */
  static Runnable launch(
      CUfunction function, int groups, int threads, CUstream stream, long... parameters) {
    Pointer[] values =
        Arrays.stream(parameters).mapToObj(v -> Pointer.to(new long[] {v})).toArray(Pointer[]::new);
    Pointer all = Pointer.to(values);
    return () ->
        check(
            "cuLaunchKernel",
            () ->
                JCudaDriver.cuLaunchKernel(
                    function, groups, 1, 1, threads, 1, 1, 0, stream, all, null));
  }
}
