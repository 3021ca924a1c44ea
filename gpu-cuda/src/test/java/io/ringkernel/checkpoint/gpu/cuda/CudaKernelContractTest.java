package io.ringkernel.checkpoint.gpu.cuda;

import static io.ringkernel.checkpoint.tck.kernel.KernelCapability.INCREMENTAL;
import static io.ringkernel.checkpoint.tck.kernel.KernelCapability.SEVERAL_OPEN;
import static io.ringkernel.checkpoint.tck.kernel.KernelCapability.SHADOW;
import static io.ringkernel.checkpoint.tck.kernel.KernelCapability.STAGED_RESTORE;
import static io.ringkernel.checkpoint.tck.kernel.KernelCapability.WAITS;

import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/** The CUDA adapter keeps the contract of a kernel with each of its options, on the stand-in. */
@ExtendWith(OnStandIn.class)
class CudaKernelContractTest {
  @Nested
  class WithAShadow extends CudaContract {
    WithAShadow() {
      super(Set.of(SHADOW, SEVERAL_OPEN, WAITS, INCREMENTAL), "block-size", "4096");
    }
  }

  @Nested
  class WithAShadowRefusing extends CudaContract {
    WithAShadowRefusing() {
      super(Set.of(SHADOW, SEVERAL_OPEN), "second-capture", "refuse", "fingerprints", "off");
    }
  }

  @Nested
  class ReadingFirst extends CudaContract {
    ReadingFirst() {
      super(
          Set.of(SHADOW, SEVERAL_OPEN, WAITS, INCREMENTAL, STAGED_RESTORE),
          "restore",
          "read-first",
          "block-size",
          "4096");
    }
  }

  @Nested
  class Straight extends CudaContract {
    Straight() {
      super(Set.of(WAITS, INCREMENTAL), "capture", "straight", "block-size", "4096");
    }
  }

  @Nested
  class StraightBesideAFullDevice extends CudaContract {
    StraightBesideAFullDevice() {
      super(Set.of(), "resident", "4", "second-capture", "refuse");
    }
  }
}
