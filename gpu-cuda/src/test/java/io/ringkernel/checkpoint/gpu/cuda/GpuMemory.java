package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.KernelMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** Device memory of a test's own, as a user's program has it: through JCuda and nothing of ours. */
final class GpuMemory implements AutoCloseable {
  private static final List<CUcontext> CONTEXTS = new ArrayList<>();

  private final int device;
  private final CUdeviceptr pointer = new CUdeviceptr();
  private final int size;

  /** Memory with this content, on device 0. */
  GpuMemory(byte[] content) {
    this(0, content);
  }

  GpuMemory(int device, byte[] content) {
    this.device = device;
    this.size = content.length;
    use(device);
    if (size > 0) {
      check(() -> JCudaDriver.cuMemAlloc(pointer, size));
      write(content);
    }
  }

  static synchronized void holdContexts() {
    if (CONTEXTS.isEmpty()) {
      check(() -> JCudaDriver.cuInit(0));
      int[] count = new int[1];
      check(() -> JCudaDriver.cuDeviceGetCount(count));
      for (int i = 0; i < count[0]; i++) {
        CONTEXTS.add(new CUcontext());
        hold(i);
      }
    }
  }

  /** Holds a device's primary context, also again after it was lost. */
  static void hold(int ordinal) {
    CUdevice handle = new CUdevice();
    check(() -> JCudaDriver.cuDeviceGet(handle, ordinal));
    CUcontext context = new CUcontext();
    check(() -> JCudaDriver.cuDevicePrimaryCtxRetain(context, handle));
    CONTEXTS.set(ordinal, context);
  }

  /** Lets a device's primary context go. */
  static void letGo(int ordinal) {
    CUdevice handle = new CUdevice();
    check(() -> JCudaDriver.cuDeviceGet(handle, ordinal));
    check(() -> JCudaDriver.cuDevicePrimaryCtxRelease(handle));
  }

  /** Makes a device's context current on the calling thread. */
  static void use(int device) {
    check(() -> JCudaDriver.cuCtxSetCurrent(CONTEXTS.get(device)));
  }

  static void check(IntSupplier call) {
    int[] code = new int[1];
    StandIn.uncounted(() -> code[0] = call.getAsInt());
    if (code[0] != 0) {
      throw new IllegalStateException("the test's own call answered " + code[0]);
    }
  }

  KernelMemory.Device memory() {
    return CudaMemory.of(pointer, size);
  }

  CUdeviceptr pointer() {
    return pointer;
  }

  void write(byte[] content) {
    write(0, ByteBuffer.wrap(content));
  }

  void write(int offset, ByteBuffer bytes) {
    use(device);
    if (bytes.hasRemaining()) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.duplicate().get(copy);
      check(
          () ->
              JCudaDriver.cuMemcpyHtoD(
                  pointer.withByteOffset(offset), Pointer.to(copy), copy.length));
    }
  }

  byte[] read() {
    ByteBuffer bytes = ByteBuffer.allocate(size);
    read(0, bytes);
    return bytes.array();
  }

  void read(int offset, ByteBuffer target) {
    use(device);
    byte[] copy = new byte[target.remaining()];
    if (copy.length > 0) {
      check(
          () ->
              JCudaDriver.cuMemcpyDtoH(
                  Pointer.to(copy), pointer.withByteOffset(offset), copy.length));
      target.duplicate().put(copy);
    }
  }

  @Override
  public void close() {
    use(device);
    if (size > 0) {
      check(() -> JCudaDriver.cuMemFree(pointer));
    }
  }
}
