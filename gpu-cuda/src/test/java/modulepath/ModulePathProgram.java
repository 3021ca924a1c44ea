package modulepath;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapterProvider;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** Captures and restores a kernel on a device once, and says which modules did. */
public final class ModulePathProgram {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int SIZE = 100_000;

  private ModulePathProgram() {}

  /**
   * Runs it.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    KernelAdapterProvider adapter = KernelAdapters.named("cuda");
    CUdeviceptr memory = allocate();
    byte[] state = new byte[SIZE];
    new Random(1).nextBytes(state);
    check(JCudaDriver.cuMemcpyHtoD(memory, Pointer.to(state), SIZE));
    // A host part as well: the state's address is the adapter's business alone.
    ByteBuffer host = ByteBuffer.allocateDirect(64);
    CheckpointableKernel kernel =
        adapter.adapt(
            KernelDescriptor.builder("k", "t")
                .standsStill()
                .controlBlock(new KernelMemory.Host(host))
                .region("r", new KernelMemory.Device(new Address(memory).value(), SIZE))
                .build());
    try (Checkpoint checkpoint = kernel.createCheckpoint().block(LONG)) {
      check(JCudaDriver.cuMemsetD8(memory, (byte) 0, SIZE));
      kernel.restoreFromCheckpoint(checkpoint).block(LONG);
    }
    byte[] after = new byte[SIZE];
    check(JCudaDriver.cuMemcpyDtoH(Pointer.to(after), memory, SIZE));
    System.out.println("> " + (Arrays.equals(after, state) ? "restored" : "differs"));
    System.out.println("> adapter in " + adapter.getClass().getModule());
    System.out.println("> jcuda in " + JCudaDriver.class.getModule());
    System.exit(0);
  }

  /** Device memory by its address, which JCuda does not show. */
  private static final class Address extends CUdeviceptr {
    Address(CUdeviceptr other) {
      super(other);
    }

    long value() {
      return getNativePointer() + getByteOffset();
    }
  }

  private static CUdeviceptr allocate() {
    check(JCudaDriver.cuInit(0));
    CUdevice device = new CUdevice();
    check(JCudaDriver.cuDeviceGet(device, 0));
    CUcontext context = new CUcontext();
    check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
    check(JCudaDriver.cuCtxSetCurrent(context));
    CUdeviceptr memory = new CUdeviceptr();
    check(JCudaDriver.cuMemAlloc(memory, SIZE));
    return memory;
  }

  private static void check(int code) {
    if (code != 0) {
      throw new IllegalStateException("the driver answered " + code);
    }
  }
}
