package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.GroupReceipt;
import io.ringkernel.checkpoint.core.GroupRequest;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** CUDA kernels take part in a consistent cut, with each other and with kernels of the host. */
@ExtendWith(OnStandIn.class)
@Timeout(120)
class CudaGroupTest {
  private static final int WORDS = 3000;

  private final Checkpointer checkpointer = Checkpointer.open("memory:");

  @AfterEach
  void close() {
    checkpointer.close().block(Bytes.LONG);
  }

  /** A kernel that is launched for each step, in a stream of its device. */
  private static final class Launched implements AutoCloseable {
    private final int device;
    private final CUmodule module = new CUmodule();
    private final CUfunction function = new CUfunction();
    private final CUstream stream = new CUstream();
    private final GpuMemory memory;

    Launched(int device) {
      this.device = device;
      memory = new GpuMemory(device, new byte[WORDS * Long.BYTES]);
      GpuMemory.check(() -> JCudaDriver.cuModuleLoadData(module, PersistentWave.ptx("plain.ptx")));
      GpuMemory.check(() -> JCudaDriver.cuModuleGetFunction(function, module, "add_to_words"));
      GpuMemory.check(
          () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    }

    void step(long number) {
      GpuMemory.use(device);
      Pointer parameters =
          Pointer.to(
              Pointer.to(memory.pointer()),
              Pointer.to(new long[] {WORDS}),
              Pointer.to(new long[] {1}));
      GpuMemory.check(
          () ->
              JCudaDriver.cuLaunchKernel(function, 2, 1, 1, 64, 1, 1, 0, stream, parameters, null));
      if (number % 8 == 0) {
        // Some are always under way, but not ever more.
        GpuMemory.check(() -> JCudaDriver.cuStreamSynchronize(stream));
      }
    }

    QuiescableKernel adapt(String kernelId, CoupledPair.Half half) {
      return new CudaKernelAdapterProvider()
          .adapt(
              half.describe(kernelId, StreamOrder.of(stream, half::hold))
                  .region("words", memory.memory())
                  .option("device", Integer.toString(device))
                  .option("ring-buffer-size", "8192")
                  .build());
    }

    @Override
    public void close() {
      GpuMemory.use(device);
      GpuMemory.check(() -> JCudaDriver.cuStreamSynchronize(stream));
      GpuMemory.check(() -> JCudaDriver.cuStreamDestroy(stream));
      GpuMemory.check(() -> JCudaDriver.cuModuleUnload(module));
      memory.close();
    }
  }

  /** Saves a pair as a group, over and over, and looks whether each was one cut. */
  private void assertIsCapturedAtOneCut(CoupledPair pair) {
    long last = 0;
    for (int i = 0; i < 8; i++) {
      GroupReceipt receipt =
          checkpointer
              .groups()
              .save("pair", List.of(pair.firstKernel, pair.secondKernel))
              .block(Bytes.LONG);
      long first = stepOf(receipt, 0);
      long second = stepOf(receipt, 1);
      assertThat(first - second)
          .as("steps %d and %d are of one cut", first, second)
          .isBetween(0L, 1L);
      assertThat(receipt.members())
          .allSatisfy(
              member -> assertThat(member.checkpoint().metadata().hlc()).isEqualTo(receipt.cut()));
      assertThat(first).isGreaterThanOrEqualTo(last);
      last = first;
      long now = last;
      Patience.until("both run on", () -> pair.second.steps() > now + 1);
    }
  }

  /** The step that all words of a member are of, which must be one, and the one it names. */
  private long stepOf(GroupReceipt receipt, int member) {
    String name = receipt.members().get(member).checkpoint().name();
    try (Checkpoint checkpoint = checkpointer.load(name).block(Bytes.LONG)) {
      ByteBuffer words =
          ByteBuffer.wrap(Bytes.of(checkpoint.region("words").orElseThrow()))
              .order(ByteOrder.LITTLE_ENDIAN);
      while (words.hasRemaining()) {
        assertThat(words.getLong()).isEqualTo(checkpoint.metadata().step());
      }
      return checkpoint.metadata().step();
    }
  }

  @Test
  void capturesTwoCudaKernelsAtOneCut() {
    try (Launched one = new Launched(0);
        Launched other = new Launched(1)) {
      CoupledPair pair = new CoupledPair(one::step, other::step);
      AdaptedKernel first = (AdaptedKernel) one.adapt("first", pair.first);
      AdaptedKernel second = (AdaptedKernel) other.adapt("second", pair.second);
      pair.firstKernel = first;
      pair.secondKernel = second;
      pair.start();
      try (pair) {
        assertIsCapturedAtOneCut(pair);
      }
      first.close().block(Bytes.LONG);
      second.close().block(Bytes.LONG);
    }
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void capturesACudaKernelAndOneOfTheHostAtOneCut() {
    ByteBuffer words = ByteBuffer.allocateDirect(WORDS * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (Launched one = new Launched(0)) {
      CoupledPair pair =
          new CoupledPair(
              one::step,
              step -> {
                for (int i = 0; i < WORDS; i++) {
                  words.putLong(i * Long.BYTES, step);
                }
              });
      AdaptedKernel first = (AdaptedKernel) one.adapt("first", pair.first);
      pair.firstKernel = first;
      pair.secondKernel =
          (QuiescableKernel)
              KernelAdapters.named("host")
                  .adapt(
                      pair.second
                          .describe("second", pair.second::hold)
                          .region("words", new KernelMemory.Host(words))
                          .build());
      pair.start();
      try (pair) {
        assertIsCapturedAtOneCut(pair);
      }
      first.close().block(Bytes.LONG);
    }
  }

  @Test
  void savesAndRestoresPersistentKernelsThatFillTheirDevices() {
    try (PersistentWave left = new PersistentWave(0, Bytes.LONG).launch();
        PersistentWave right = new PersistentWave(1, Bytes.LONG).launch()) {
      left.untilItGotOn();
      right.untilItGotOn();
      List<QuiescableKernel> both = List.of(left.kernel(), right.kernel());
      GroupReceipt receipt = checkpointer.groups().save("waves", both).block(Bytes.LONG);
      for (GroupReceipt.Member member : receipt.members()) {
        try (Checkpoint saved = checkpointer.load(member.checkpoint().name()).block(Bytes.LONG)) {
          PersistentWave.assertIsTheReference(saved);
          assertThat(saved.metadata().hlc()).isEqualTo(receipt.cut());
        }
      }
      left.untilItGotOn();
      checkpointer.groups().restore(receipt.name(), both).block(Bytes.LONG);
      for (PersistentWave wave : List.of(left, right)) {
        wave.untilItGotOn();
        try (Checkpoint later = wave.kernel().createCheckpoint().block(Bytes.LONG)) {
          PersistentWave.assertIsTheReference(later);
        }
      }
    }
  }

  @Test
  void namesTheOneThatDoesNotStopAndLetsTheOtherRunOn() {
    PersistentWave silent = new PersistentWave(1, Duration.ofMillis(300));
    try (PersistentWave wave = new PersistentWave(0, Bytes.LONG).launch()) {
      wave.untilItGotOn();
      List<QuiescableKernel> both = List.of(wave.kernel(), silent.kernel());
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> checkpointer.groups().save("waves", both).block(Bytes.LONG))
            .isInstanceOf(GroupException.class)
            .hasMessageContaining("wave-1")
            .hasMessageContaining("did not come to a stop")
            .hasMessageContaining("last said: silent");
        wave.untilItGotOn();
      }
      assertThat(checkpointer.list("").collectList().block(Bytes.LONG)).isEmpty();
      // The group's own limit for each step.
      GroupRequest hasty = GroupRequest.of("waves").timeout(Duration.ofMillis(50));
      assertThatThrownBy(() -> checkpointer.groups().save(hasty, both).block(Bytes.LONG))
          .isInstanceOf(GroupException.class)
          .hasMessageContaining("wave-1");
      wave.untilItGotOn();
      // It comes to a stop once it runs, and finds that all it was asked was taken back.
      silent.launch();
      silent.untilItGotOn();
      GroupReceipt receipt = checkpointer.groups().save("waves", both).block(Bytes.LONG);
      assertThat(receipt.members()).hasSize(2);
    }
    silent.close();
  }
}
