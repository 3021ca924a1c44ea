package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.NonBlocking;

/** A hook of the caller's by which a kernel runs on, and that takes longer than it may. */
@ExtendWith(OnStandIn.class)
@Timeout(60)
class LateHookTest {
  /** What was asked of the kernel, in order. */
  private final List<String> events = Collections.synchronizedList(new ArrayList<>());

  private final AtomicReference<Thread> stopper = new AtomicReference<>();

  private AdaptedKernel kernel(GpuMemory memory, Mono<Void> go, String... options) {
    Mono<Void> stop =
        Mono.fromRunnable(
            () -> {
              stopper.set(Thread.currentThread());
              events.add("stop");
            });
    KernelDescriptor.Builder descriptor =
        KernelDescriptor.builder("k", "t")
            .region("r", memory.memory())
            .quiesce(() -> stop, () -> go)
            .option("timeout", "1000");
    for (int i = 0; i < options.length; i += 2) {
      descriptor.option(options[i], options[i + 1]);
    }
    return new CudaKernelAdapterProvider().adapt(descriptor.build());
  }

  private static void assertLate(Mono<?> call) {
    assertThatThrownBy(() -> call.block(Bytes.LONG))
        .isInstanceOfSatisfying(
            KernelException.class,
            e -> assertThat(e.phase()).isEqualTo(KernelException.Phase.RESUME))
        .hasMessageContaining("no answer within 1 s");
  }

  @Test
  void isWaitedForBeforeTheKernelIsStoppedAgain() throws Exception {
    Sinks.Empty<Void> gate = Sinks.empty();
    try (GpuMemory memory = new GpuMemory(Bytes.random(1000, 1))) {
      AdaptedKernel kernel =
          kernel(memory, gate.asMono().doOnSuccess(nothing -> events.add("runs")));

      assertLate(kernel.createCheckpoint());
      CompletableFuture<Checkpoint> next = kernel.createCheckpoint().toFuture();
      // Time enough to stop it at once, which would be wrong.
      Thread.sleep(100);
      assertThat(events).containsExactly("stop");
      gate.tryEmitEmpty();
      next.get(Bytes.LONG.toSeconds(), TimeUnit.SECONDS).close();
      assertThat(events).containsExactly("stop", "runs", "stop", "runs");
      kernel.close().block(Bytes.LONG);
    }
  }

  @Test
  void isCancelledBeforeTheKernelIsStoppedAgainWhenItDoesNotEnd() {
    try (GpuMemory memory = new GpuMemory(Bytes.random(1000, 1))) {
      AdaptedKernel kernel =
          kernel(
              memory,
              Mono.<Void>never().doOnCancel(() -> events.add("cancelled")),
              "quiesce-timeout",
              "1000");

      assertLate(kernel.createCheckpoint());
      assertThat(events).containsExactly("stop");
      assertLate(kernel.createCheckpoint());
      assertThat(events).containsExactly("stop", "cancelled", "stop");
      assertThat(stopper.get()).isNotInstanceOf(NonBlocking.class);
      kernel.close().block(Bytes.LONG);
    }
  }
}
