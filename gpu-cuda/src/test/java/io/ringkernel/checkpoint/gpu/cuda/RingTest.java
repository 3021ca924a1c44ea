package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.adapter.UseCount;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;

/** Who waits for a pinned buffer, and what is read through it. */
@ExtendWith(OnStandIn.class)
@Timeout(60)
class RingTest {
  private static final int SIZE = 4096;
  private static final byte[] STATE = Bytes.random(SIZE, 8);

  @Test
  void handsABufferPastThousandsWhoDoNotWantItAnyMore() {
    NativeStack owner = new NativeStack();
    try (GpuMemory device = new GpuMemory(STATE)) {
      DriverThreads threads =
          new DriverThreads("ring", 2, Driver.current(), Bytes.LONG, new Deadlines(Bytes.LONG));
      Ring ring = new Ring(List.of(new Lane(SIZE, Bytes.LONG, owner)), SIZE, threads);
      long address = Driver.addressOf(device.pointer());
      UseCount uses = new UseCount();
      ByteBuffer target = ByteBuffer.allocate(SIZE);
      StandIn.hold(1);
      Mono<Void> holder = ring.copyOut(address, List.of(ByteBuffer.allocate(SIZE)), uses).cache();
      holder.subscribe();
      for (int i = 0; i < 50_000; i++) {
        ring.copyOut(address, List.of(target.duplicate()), uses).subscribe().dispose();
      }
      Mono<Void> last = ring.copyOut(address, List.of(target), uses).cache();
      last.subscribe();

      StandIn.hold(0);
      holder.block(Bytes.LONG);
      last.block(Bytes.LONG);

      assertThat(target.array()).isEqualTo(STATE);
      assertThat(ring.open()).isZero();
      assertThat(uses.users()).isZero();
      threads.dispose();
      GpuMemory.use(0);
      assertThat(owner.close()).isNull();
    }
  }

  @Test
  void refusesATargetThatMustNotBeWritten() {
    try (GpuMemory memory = new GpuMemory(STATE)) {
      AdaptedKernel kernel =
          new CudaKernelAdapterProvider()
              .adapt(
                  KernelDescriptor.builder("k", "t")
                      .standsStill()
                      .region("state", memory.memory())
                      .build());
      try (Checkpoint checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
        ChunkContent content = checkpoint.chunks().get(0).content();
        ByteBuffer first = ByteBuffer.allocate(10);
        ByteBuffer second = ByteBuffer.allocate(10).asReadOnlyBuffer();
        assertThatThrownBy(() -> content.read(0, List.of(first, second)).block(Bytes.LONG))
            .isInstanceOf(ReadOnlyBufferException.class);
        assertThat(first.position()).isZero();
      }
      kernel.close().block(Bytes.LONG);
    }
  }
}
