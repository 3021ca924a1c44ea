package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.core.BaseChoice;
import io.ringkernel.checkpoint.core.CheckpointKind;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.RestoreReceipt;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.core.SaveRequest;
import io.ringkernel.checkpoint.core.VerifyDepth;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CUDA kernels saved and restored by the engine, to a store. */
@ExtendWith(OnStandIn.class)
@Timeout(120)
class CheckpointerTest {
  private static final int BLOCK = 65_536;
  private static final int BLOCKS = 40;
  private static final int SIZE = BLOCKS * BLOCK - 100;

  @TempDir private Path directory;

  private String store(String kind) {
    return kind.equals("file") ? "file:" + directory : "memory:";
  }

  private static AdaptedKernel kernel(
      int device, GpuMemory control, GpuMemory large, String capture) {
    return new CudaKernelAdapterProvider()
        .adapt(
            KernelDescriptor.builder("k", "t")
                .standsStill()
                .controlBlock(control.memory())
                .region("large", large.memory())
                .custom(() -> Map.of("device", "of number " + device))
                .option("device", Integer.toString(device))
                .option("capture", capture)
                .option("ring-buffer-size", "200000")
                .build());
  }

  @ParameterizedTest
  @CsvSource({"memory, shadow", "memory, straight", "file, shadow", "file, straight"})
  void onlyWhatChangedCrossesTheBus(String kind, String capture) {
    byte[] state = Bytes.random(SIZE, 1);
    byte[] control = Bytes.random(128, 2);
    Checkpointer checkpointer = Checkpointer.open(store(kind));
    try (GpuMemory small = new GpuMemory(control);
        GpuMemory large = new GpuMemory(state);
        GpuMemory otherSmall = new GpuMemory(1, new byte[control.length]);
        GpuMemory otherLarge = new GpuMemory(1, new byte[SIZE])) {
      AdaptedKernel kernel = kernel(0, small, large, capture);
      long unused = StandIn.copiedOut();
      SaveReceipt full =
          checkpointer.save(kernel, SaveRequest.defaults().named("full")).block(Bytes.LONG);
      assertThat(full.kind()).isEqualTo(CheckpointKind.FULL);
      assertThat(StandIn.copiedOut()).isEqualTo(SIZE + control.length);

      byte[] changed = state.clone();
      changed[7 * BLOCK + 5]++;
      changed[20 * BLOCK]++;
      changed[SIZE - 1]++;
      large.write(changed);
      long unusedToo = StandIn.copiedIn();
      SaveReceipt delta = saveDelta(checkpointer, kernel, "delta");
      assertThat(delta.changed()).isEqualTo(3 * BLOCK - 100);
      // Three blocks; of every block of both parts its fingerprint, and whether it changed.
      long told = 17L * (BLOCKS + 1);
      assertThat(StandIn.copiedOut()).isEqualTo(delta.changed() + told);
      assertThat(StandIn.copiedIn()).as("the base's fingerprints").isLessThan(16L * 1000);

      SaveReceipt nothing = saveDelta(checkpointer, kernel, "nothing");
      assertThat(nothing.changed()).isZero();
      assertThat(StandIn.copiedOut()).isEqualTo(told);

      AdaptedKernel other = kernel(1, otherSmall, otherLarge, capture);
      checkpointer.restore(other, "full").block(Bytes.LONG);
      assertThat(otherLarge.read()).isEqualTo(state);
      RestoreReceipt latest = checkpointer.restoreLatest(other).block(Bytes.LONG);
      assertThat(latest.checkpoint().name()).isEqualTo("nothing");
      assertThat(latest.checkpoint().metadata().custom())
          .containsExactly(entry("device", "of number 0"));
      assertThat(otherLarge.read()).isEqualTo(changed);
      assertThat(otherSmall.read()).isEqualTo(control);
      for (String name : new String[] {"full", "delta", "nothing"}) {
        assertThat(checkpointer.verify(name, VerifyDepth.FULL).block(Bytes.LONG).finding())
            .as("also the fingerprints that the device brought")
            .isNull();
      }
      other.close().block(Bytes.LONG);
      kernel.close().block(Bytes.LONG);
    } finally {
      checkpointer.close().block(Bytes.LONG);
    }
  }

  /** Named, so that no measured speed decides that it is a full one. */
  private static SaveReceipt saveDelta(
      Checkpointer checkpointer, AdaptedKernel kernel, String name) {
    SaveRequest request = SaveRequest.defaults().named(name).base(BaseChoice.named(latest(name)));
    SaveReceipt delta = checkpointer.save(kernel, request).block(Bytes.LONG);
    assertThat(delta.kind()).as("%s", delta.notes()).isEqualTo(CheckpointKind.DELTA);
    return delta;
  }

  private static String latest(String name) {
    return name.equals("delta") ? "full" : "delta";
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void aHistoryOfDeltasIsRestoredByteByByte() {
    Random random = new Random(5);
    byte[] state = Bytes.random(SIZE, 1);
    Checkpointer checkpointer = Checkpointer.open(store("file"));
    try (GpuMemory small = new GpuMemory(new byte[64]);
        GpuMemory large = new GpuMemory(state)) {
      AdaptedKernel kernel = kernel(0, small, large, "shadow");
      byte[][] states = new byte[8][];
      for (int i = 0; i < states.length; i++) {
        for (int change = 0; change < 4; change++) {
          state[random.nextInt(SIZE)] = (byte) random.nextInt();
        }
        states[i] = state.clone();
        large.write(state);
        checkpointer.save(kernel, SaveRequest.defaults().named("s" + i)).block(Bytes.LONG);
      }
      for (int i = states.length - 1; i >= 0; i--) {
        checkpointer.restore(kernel, "s" + i).block(Bytes.LONG);
        assertThat(large.read()).as("state %d", i).isEqualTo(states[i]);
      }
      kernel.close().block(Bytes.LONG);
    } finally {
      checkpointer.close().block(Bytes.LONG);
    }
  }

  @Test
  void theReceiptSaysThatThereWasNoRoomForAShadow() {
    byte[] state = Bytes.random(SIZE, 1);
    Checkpointer checkpointer = Checkpointer.open(store("memory"));
    try (GpuMemory small = new GpuMemory(new byte[64]);
        GpuMemory large = new GpuMemory(state)) {
      StandIn.memory(0, StandIn.memoryUsed(0) + SIZE / 2);
      AdaptedKernel kernel = kernel(0, small, large, "shadow");
      SaveReceipt receipt =
          checkpointer.save(kernel, SaveRequest.defaults().named("s")).block(Bytes.LONG);
      assertThat(receipt.notes())
          .anyMatch(note -> note.startsWith("captured straight: no room for a shadow of "));
      large.write(new byte[SIZE]);
      checkpointer.restore(kernel, "s").block(Bytes.LONG);
      assertThat(large.read()).isEqualTo(state);
      kernel.close().block(Bytes.LONG);
    } finally {
      checkpointer.close().block(Bytes.LONG);
    }
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void aPersistentKernelIsSavedWhileItRunsAndGoesOnFromTheLatest() {
    String store = store("file");
    Checkpointer checkpointer = Checkpointer.builder(store).blockSize(4096).build();
    try (PersistentWave wave = new PersistentWave(0, Bytes.LONG, "block-size", "4096").launch()) {
      for (int i = 0; i < 4; i++) {
        wave.untilItGotOn();
        SaveReceipt receipt = checkpointer.save(wave.kernel()).block(Bytes.LONG);
        assertThat(receipt.step()).isPositive();
        assertThat(receipt.stall()).isPositive();
      }
    }
    checkpointer.close().block(Bytes.LONG);

    Checkpointer later = Checkpointer.open(store);
    try (PersistentWave wave = new PersistentWave(0, Bytes.LONG).launch()) {
      RestoreReceipt restored = later.restoreLatest(wave.kernel()).block(Bytes.LONG);
      wave.untilItGotOn();
      try (Checkpoint checkpoint = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
        long step = checkpoint.metadata().step();
        assertThat(step).isGreaterThan(restored.checkpoint().metadata().step());
        assertThat(PersistentWave.field(checkpoint)).isEqualTo(PersistentWave.reference(step));
      }
    }
    later.close().block(Bytes.LONG);
  }
}
