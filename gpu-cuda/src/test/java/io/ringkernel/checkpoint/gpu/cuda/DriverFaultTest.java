package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.DeviceLostException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.fault.ScriptedContent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * Every call of the driver fails once in turn, in a whole life of a kernel: adapted, captured,
 * read, compared, restored, closed. Whatever fails is told by a typed error or made good, the
 * kernel runs on, what comes after works, and nothing is left.
 */
@ExtendWith(OnStandIn.class)
@Timeout(180)
class DriverFaultTest {
  private static final int SIZE = 9000;

  /** What was asked of the kernel, in order. */
  private final List<String> events = Collections.synchronizedList(new ArrayList<>());

  private KernelDescriptor.Builder describe(GpuMemory memory, String capture) {
    return KernelDescriptor.builder("k", "t")
        .region("r", memory.memory())
        .quiesce(
            () -> Mono.fromRunnable(() -> events.add("quiesce")),
            () -> Mono.fromRunnable(() -> events.add("resume")))
        .option("capture", capture)
        .option("ring-buffers", "1")
        .option("ring-buffer-size", "4096")
        .option("block-size", "1024");
  }

  /** One life, in which each step is tried again when it fails; the last try must succeed. */
  private void live(String capture, FaultWalk faults) {
    byte[] state = Bytes.random(SIZE, 1);
    try (GpuMemory memory = new GpuMemory(state)) {
      AdaptedKernel kernel =
          faults.twice(
              () -> new CudaKernelAdapterProvider().adapt(describe(memory, capture).build()));
      byte[] captured = faults.twice(() -> read(kernel.createCheckpoint()));
      assertThat(captured).isEqualTo(state);
      byte[] changed = state.clone();
      changed[5000]++;
      memory.write(changed);
      Checkpoint base = checkpoint(state);
      assertThat(faults.twice(() -> patched(kernel, base, state))).isEqualTo(changed);
      faults.twice(() -> restore(kernel, base));
      assertThat(memory.read()).isEqualTo(state);
      faults.twice(
          () -> {
            kernel.close().block(Bytes.LONG);
            return "";
          });
    }
    assertThat(Collections.frequency(events, "resume"))
        .as("runs on after whatever failed: %s", events)
        .isGreaterThanOrEqualTo(Collections.frequency(events, "quiesce") - 1);
    assertThat(events.get(events.size() - 1)).isEqualTo("resume");
  }

  private static byte[] read(Mono<Checkpoint> capture) {
    try (Checkpoint checkpoint = capture.block(Bytes.LONG)) {
      return Bytes.of(checkpoint.chunks().get(0));
    }
  }

  private static Checkpoint checkpoint(byte[] state) {
    DataChunk chunk =
        DataChunk.region("r", ChunkContent.of(state))
            .withFingerprints(Mono.just(PersistentKernelTest.fingerprints(state, 1024)));
    return Checkpoint.of(CheckpointMetadata.builder("k", "t").build(), List.of(chunk), () -> {});
  }

  private static byte[] patched(AdaptedKernel kernel, Checkpoint base, byte[] before) {
    try (Checkpoint made = kernel.createIncrementalCheckpoint(base).block(Bytes.LONG)) {
      return PersistentKernelTest.patch(made.chunks().get(0), before, 1024);
    }
  }

  private static String restore(AdaptedKernel kernel, Checkpoint checkpoint) {
    kernel.restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
    return "";
  }

  @ParameterizedTest
  @CsvSource({"shadow, 1", "straight, 1", "shadow, 719"})
  void failsOnceAndIsMadeGood(String capture, int code) throws Exception {
    FaultWalk faults = new FaultWalk(code);
    Set<String> failed =
        faults.withEachCallFailing(
            () -> {
              events.clear();
              live(capture, faults);
            });
    assertThat(failed)
        .contains("cuMemAlloc", "cuMemHostAlloc", "cuModuleLoadData", "cuLaunchKernel")
        .contains("cuMemcpyDtoHAsync", "cuMemcpyHtoDAsync", "cuEventQuery", "cuEventRecord")
        .contains("cuCtxSetCurrent", "cuStreamCreate", "cuMemFree", "cuDevicePrimaryCtxRelease");
    assertThat(failed.contains("cuMemcpyDtoDAsync")).isEqualTo(capture.equals("shadow"));
  }

  @Test
  void goesOnWithoutAShadowWhenTheDeviceIsFull() {
    byte[] state = Bytes.random(100_000, 1);
    try (GpuMemory memory = new GpuMemory(state)) {
      StandIn.memory(0, StandIn.memoryUsed(0) + 50_000);
      AdaptedKernel kernel =
          new CudaKernelAdapterProvider().adapt(describe(memory, "shadow").build());
      try (Checkpoint checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
        assertThat(checkpoint.capture().orElseThrow().notes())
            .containsExactly(
                "captured straight: no room for a shadow of 100096 bytes in the device's memory");
        assertThat(Bytes.of(checkpoint.chunks().get(0))).isEqualTo(state);
        assertThat(events).containsExactly("quiesce");
      }
      kernel.close().block(Bytes.LONG);
      assertThat(events).containsExactly("quiesce", "resume");
    }
  }

  @Test
  void tellsThatADeviceIsLost() {
    GpuMemory memory = new GpuMemory(1, Bytes.random(SIZE, 1));
    KernelDescriptor.Builder descriptor =
        KernelDescriptor.builder("k", "t")
            .standsStill()
            .region("r", memory.memory())
            .option("device", "1");
    AdaptedKernel kernel = new CudaKernelAdapterProvider().adapt(descriptor.build());
    Checkpoint open = kernel.createCheckpoint().block(Bytes.LONG);

    StandIn.lose(1, StandIn.LAUNCH_FAILED);

    for (Mono<?> each :
        List.of(
            Mono.fromSupplier(() -> Bytes.of(open.chunks().get(0))).doFinally(s -> open.close()),
            kernel.createCheckpoint(),
            kernel.restoreFromCheckpoint(checkpoint(new byte[SIZE])))) {
      assertThat(catchThrowable(() -> each.block(Bytes.LONG)))
          .isInstanceOf(DeviceLostException.class)
          .hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED")
          .hasMessageContaining("on another device or in a new process");
    }
    assertThat(catchThrowable(() -> kernel.close().block(Bytes.LONG)))
        .isInstanceOf(DeviceLostException.class);
    // With its context all that was in it is gone, also what could not be freed.
    GpuMemory.letGo(1);
    GpuMemory.hold(1);
  }

  /** In every moment of a life: from then on nothing works, and each is told so. */
  @Test
  void tellsThatADeviceIsLostWheneverThatHappens() {
    Set<String> failed = new TreeSet<>();
    for (int call = 1; !failed.contains(""); call++) {
      GpuMemory memory = new GpuMemory(1, Bytes.random(SIZE, 1));
      StandIn.loseAt(call, FaultWalk.LOST);
      liveUntilItIsLost(memory);
      failed.add(StandIn.failedCallName());
      StandIn.failAt(0, 0);
      // With its context all that was in it is gone, also what could not be freed.
      GpuMemory.letGo(1);
      GpuMemory.hold(1);
    }
    assertThat(failed)
        .contains("cuMemAlloc", "cuModuleLoadData", "cuLaunchKernel", "cuMemcpyDtoDAsync")
        .contains("cuMemcpyDtoHAsync", "cuMemcpyHtoDAsync", "cuStreamQuery", "cuMemFree");
  }

  private void liveUntilItIsLost(GpuMemory memory) {
    AdaptedKernel kernel;
    try {
      kernel =
          new CudaKernelAdapterProvider()
              .adapt(describe(memory, "shadow").option("device", "1").build());
    } catch (DeviceLostException e) {
      return;
    }
    Checkpoint base = checkpoint(Bytes.random(SIZE, 1));
    List<Mono<?>> steps =
        List.of(
            Mono.fromSupplier(() -> read(kernel.createCheckpoint())),
            Mono.fromSupplier(() -> patched(kernel, base, Bytes.random(SIZE, 1))),
            kernel.restoreFromCheckpoint(base),
            kernel.close());
    for (Mono<?> step : steps) {
      boolean isLost = StandIn.lost(1) != 0;
      Throwable failure = catchThrowable(() -> step.block(Bytes.LONG));
      assertThat(failure == null || failure instanceof DeviceLostException)
          .as("%s", failure)
          .isTrue();
      assertThat(failure != null || !isLost).as("it works on a lost device").isTrue();
    }
  }

  @Test
  void givesUpOnACopyThatDoesNotEnd() {
    byte[] state = Bytes.random(SIZE, 1);
    try (GpuMemory memory = new GpuMemory(state)) {
      KernelDescriptor.Builder descriptor =
          KernelDescriptor.builder("k", "t")
              .region("r", memory.memory())
              .option("timeout", "100")
              .quiesce(
                  () -> Mono.fromRunnable(() -> events.add("quiesce")),
                  () -> Mono.fromRunnable(() -> events.add("resume")));
      AdaptedKernel kernel = new CudaKernelAdapterProvider().adapt(descriptor.build());
      StandIn.hold(1);
      assertThat(catchThrowable(() -> kernel.createCheckpoint().block(Bytes.LONG)))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("the copy within the device did not end within 100 ms");
      assertThat(events).containsExactly("quiesce", "resume");
      // It may still write to the shadow: nobody gets that before it has ended.
      assertThat(catchThrowable(() -> kernel.createCheckpoint().block(Bytes.LONG)))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("an earlier copy within the device");
      assertThat(events).hasSize(2);
      StandIn.hold(0);
      Checkpoint checkpoint = kernel.createCheckpoint().block(Bytes.LONG);
      StandIn.hold(1);
      assertThat(catchThrowable(() -> Bytes.of(checkpoint.chunks().get(0))))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("a copy from the device did not end within 100 ms");
      StandIn.hold(0);
      assertThat(Bytes.of(checkpoint.chunks().get(0))).isEqualTo(state);
      checkpoint.close();
      kernel.close().block(Bytes.LONG);
    }
  }

  /** Of two regions one fails to be read while the other's copy is under way. */
  @Test
  void accountsForCopiesThatEndAfterAnotherHasFailed() {
    byte[] state = Bytes.random(SIZE, 1);
    CompletableFuture<Void> failed = new CompletableFuture<>();
    ChunkContent broken =
        new ScriptedContent(
            SIZE,
            (offset, target) ->
                Mono.<Integer>error(new IllegalStateException("gone"))
                    .doFinally(signal -> failed.complete(null)));
    try (GpuMemory one = new GpuMemory(new byte[SIZE]);
        GpuMemory other = new GpuMemory(new byte[SIZE])) {
      AdaptedKernel kernel =
          new CudaKernelAdapterProvider()
              .adapt(
                  KernelDescriptor.builder("k", "t")
                      .standsStill()
                      .region("one", one.memory())
                      .region("other", other.memory())
                      .build());
      List<DataChunk> chunks =
          List.of(
              DataChunk.region("one", ChunkContent.of(state)), DataChunk.region("other", broken));
      Checkpoint checkpoint =
          Checkpoint.of(CheckpointMetadata.builder("k", "t").build(), chunks, () -> {});
      StandIn.hold(1);
      Mono<Void> restore = kernel.restoreFromCheckpoint(checkpoint).cache();
      restore.subscribe(nothing -> {}, error -> {});
      failed.orTimeout(Bytes.LONG.toMillis(), TimeUnit.MILLISECONDS).join();
      StandIn.hold(0);

      assertThat(catchThrowable(() -> restore.block(Bytes.LONG)))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining(SIZE + " of " + 2 * SIZE + " bytes written")
          .hasMessageContaining("gone");
      assertThat(one.read()).isEqualTo(state);
      kernel.close().block(Bytes.LONG);
    }
  }

  /** Of content that was on its way for two lanes at once. */
  @Test
  void tellsOneOfManyReadsThatFailTogetherAndDropsNone() {
    Queue<Runnable> failing = new ConcurrentLinkedQueue<>();
    ChunkContent broken =
        new ChunkContent() {
          @Override
          public long size() {
            return SIZE;
          }

          @Override
          public Mono<Integer> read(long offset, ByteBuffer target) {
            return Mono.from(
                subscriber -> {
                  subscriber.onSubscribe(Operators.emptySubscription());
                  failing.add(() -> subscriber.onError(new IllegalStateException("gone")));
                });
          }
        };
    List<Throwable> dropped = new CopyOnWriteArrayList<>();
    Hooks.onErrorDropped(dropped::add);
    try (GpuMemory one = new GpuMemory(new byte[SIZE]);
        GpuMemory other = new GpuMemory(new byte[SIZE])) {
      AdaptedKernel kernel =
          new CudaKernelAdapterProvider()
              .adapt(
                  KernelDescriptor.builder("k", "t")
                      .standsStill()
                      .region("one", one.memory())
                      .region("other", other.memory())
                      .build());
      List<DataChunk> chunks =
          List.of(DataChunk.region("one", broken), DataChunk.region("other", broken));
      Checkpoint checkpoint =
          Checkpoint.of(CheckpointMetadata.builder("k", "t").build(), chunks, () -> {});
      Mono<Void> restore = kernel.restoreFromCheckpoint(checkpoint).cache();
      restore.subscribe(nothing -> {}, error -> {});
      Patience.until("both are read", () -> failing.size() == 2);
      failing.forEach(Runnable::run);

      assertThat(catchThrowable(() -> restore.block(Bytes.LONG)))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("0 of " + 2 * SIZE + " bytes written")
          .hasMessageContaining("gone");
      kernel.close().block(Bytes.LONG);
    } finally {
      Hooks.resetOnErrorDropped();
    }
    assertThat(dropped).isEmpty();
  }

  @Test
  void isClosedOnlyWhenNobodyReadsFromIt() {
    try (GpuMemory memory = new GpuMemory(Bytes.random(SIZE, 1))) {
      KernelDescriptor.Builder descriptor =
          KernelDescriptor.builder("k", "t")
              .standsStill()
              .region("r", memory.memory())
              .option("timeout", "100");
      AdaptedKernel kernel = new CudaKernelAdapterProvider().adapt(descriptor.build());
      Checkpoint open = kernel.createCheckpoint().block(Bytes.LONG);
      assertThat(catchThrowable(() -> kernel.close().block(Bytes.LONG)))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("1 of its checkpoints are open");
      open.close();
      assertThat(catchThrowable(() -> Bytes.of(open.chunks().get(0))))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("closed");
      assertThatCode(() -> kernel.close().block(Bytes.LONG)).doesNotThrowAnyException();
      kernel.close().block(Bytes.LONG);
    }
  }
}
