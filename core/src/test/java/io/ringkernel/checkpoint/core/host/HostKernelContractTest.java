package io.ringkernel.checkpoint.core.host;

import static io.ringkernel.checkpoint.tck.kernel.KernelCapability.QUIESCES;
import static io.ringkernel.checkpoint.tck.kernel.KernelCapability.SEVERAL_OPEN;
import static io.ringkernel.checkpoint.tck.kernel.KernelCapability.SHADOW;
import static io.ringkernel.checkpoint.tck.kernel.KernelCapability.WAITS;

import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.tck.kernel.DescribedKernel;
import io.ringkernel.checkpoint.tck.kernel.KernelContract;
import io.ringkernel.checkpoint.tck.kernel.KernelUnderTest;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;

/** The host adapter keeps the contract of a kernel with each of its options. */
class HostKernelContractTest {
  /** There is room for one shadow, so that one that is not given back is missed. */
  private static final String ONE_SHADOW = Long.toString(DescribedKernel.STATE_BYTES);

  @Nested
  class WithAShadow extends KernelContract {
    @Override
    protected KernelUnderTest start() {
      return new DescribedKernel(
          KernelAdapters.named("host"),
          Map.of("shadow-limit", ONE_SHADOW),
          Set.of(SHADOW, SEVERAL_OPEN, WAITS, QUIESCES),
          HostBytes::new);
    }
  }

  @Nested
  class WithAShadowRefusing extends KernelContract {
    @Override
    protected KernelUnderTest start() {
      return new DescribedKernel(
          KernelAdapters.named("host"),
          Map.of("shadow-limit", ONE_SHADOW, "second-capture", "refuse"),
          Set.of(SHADOW, SEVERAL_OPEN, QUIESCES),
          HostBytes::new);
    }
  }

  @Nested
  class Straight extends KernelContract {
    @Override
    protected KernelUnderTest start() {
      return new DescribedKernel(
          KernelAdapters.named("host"),
          Map.of("capture", "straight"),
          Set.of(WAITS, QUIESCES),
          HostBytes::new);
    }
  }

  @Nested
  class StraightRefusing extends KernelContract {
    @Override
    protected KernelUnderTest start() {
      return new DescribedKernel(
          KernelAdapters.named("host"),
          Map.of("capture", "straight", "second-capture", "refuse"),
          Set.of(QUIESCES),
          HostBytes::new);
    }
  }
}
