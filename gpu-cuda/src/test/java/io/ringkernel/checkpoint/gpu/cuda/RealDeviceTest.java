package io.ringkernel.checkpoint.gpu.cuda;

import static io.ringkernel.checkpoint.tck.kernel.KernelCapability.INCREMENTAL;
import static io.ringkernel.checkpoint.tck.kernel.KernelCapability.SEVERAL_OPEN;
import static io.ringkernel.checkpoint.tck.kernel.KernelCapability.SHADOW;
import static io.ringkernel.checkpoint.tck.kernel.KernelCapability.WAITS;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What only a GPU can show: the contract on its memory, and a kernel that fills it.
 * tools/gpu-bundle makes a folder that runs it where there is one; the build only sees, in {@link
 * BundleTest}, that it would run. Without a device it fails.
 */
@Tag("gpu")
@Timeout(600)
class RealDeviceTest {
  @BeforeAll
  static void findDevice() {
    assertThat(new CudaKernelAdapterProvider().unavailable()).as("why it can't run").isEmpty();
    GpuMemory.holdContexts();
  }

  @Nested
  class WithAShadow extends CudaContract {
    WithAShadow() {
      super(Set.of(SHADOW, SEVERAL_OPEN, WAITS, INCREMENTAL), "block-size", "4096");
    }
  }

  @Nested
  class Straight extends CudaContract {
    Straight() {
      super(Set.of(WAITS, INCREMENTAL), "capture", "straight", "block-size", "4096");
    }
  }

  @Test
  void aKernelThatFillsTheDeviceIsCapturedWithoutEndingItAndRestoredBitByBit() {
    int groups = PersistentWave.groupsThatFillTheDevice();
    PersistentWave source = new PersistentWave(0, groups, Bytes.LONG).launch();
    source.untilItGotOn();
    try (Checkpoint checkpoint = source.kernel().createCheckpoint().block(Bytes.LONG)) {
      source.untilItGotOn();
      PersistentWave.assertIsTheReference(checkpoint);
      // Two can't fill one device: the other is launched when this one has ended.
      source.stop();
      PersistentWave target = new PersistentWave(0, groups, Bytes.LONG).launch();
      target.kernel().restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
      target.untilItGotOn();
      try (Checkpoint later = target.kernel().createCheckpoint().block(Bytes.LONG)) {
        assertThat(later.metadata().step()).isGreaterThan(checkpoint.metadata().step());
        PersistentWave.assertIsTheReference(later);
      }
      target.close();
    }
    source.close();
  }
}
