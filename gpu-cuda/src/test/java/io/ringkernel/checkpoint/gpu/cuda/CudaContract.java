package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapterProvider;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.tck.kernel.DescribedKernel;
import io.ringkernel.checkpoint.tck.kernel.KernelCapability;
import io.ringkernel.checkpoint.tck.kernel.KernelContract;
import io.ringkernel.checkpoint.tck.kernel.KernelUnderTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;

/** The contract of a kernel for the CUDA adapter with some options; it closes what it adapted. */
abstract class CudaContract extends KernelContract implements KernelAdapterProvider {
  /** Device memory as the kit's program gets at it. */
  private record DeviceBytes(GpuMemory gpu) implements DescribedKernel.Memory {
    @Override
    public KernelMemory memory() {
      return gpu.memory();
    }

    @Override
    public void write(int offset, ByteBuffer bytes) {
      gpu.write(offset, bytes);
    }

    @Override
    public void read(int offset, ByteBuffer target) {
      gpu.read(offset, target);
    }

    @Override
    public void close() {
      gpu.close();
    }
  }

  private final List<DeviceKernel> kernels = new ArrayList<>();
  private final Map<String, String> options = new HashMap<>();
  private final Set<KernelCapability> capabilities;

  /**
   * @param capabilities beside {@link KernelCapability#QUIESCES} and {@link
   *     KernelCapability#LETS_GO_OF_CONTENT}, which all have
   */
  CudaContract(Set<KernelCapability> capabilities, String... options) {
    this.capabilities = EnumSet.of(KernelCapability.QUIESCES, KernelCapability.LETS_GO_OF_CONTENT);
    this.capabilities.addAll(capabilities);
    // Small, so that every state takes several turns of the ring.
    this.options.putAll(Map.of("ring-buffers", "2", "ring-buffer-size", "1000000"));
    for (int i = 0; i < options.length; i += 2) {
      this.options.put(options[i], options[i + 1]);
    }
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public Optional<String> unavailable() {
    return new CudaKernelAdapterProvider().unavailable();
  }

  @Override
  public AdaptedKernel adapt(KernelDescriptor descriptor) {
    DeviceKernel kernel = (DeviceKernel) new CudaKernelAdapterProvider().adapt(descriptor);
    kernels.add(kernel);
    return kernel;
  }

  @Override
  protected KernelUnderTest start() {
    return new DescribedKernel(
        this, options, capabilities, size -> new DeviceBytes(new GpuMemory(new byte[size])));
  }

  @Override
  protected int openResources() {
    return kernels.stream().mapToInt(DeviceKernel::open).sum();
  }

  @AfterEach
  void closeKernels() {
    kernels.forEach(kernel -> kernel.close().block(Bytes.LONG));
  }
}
