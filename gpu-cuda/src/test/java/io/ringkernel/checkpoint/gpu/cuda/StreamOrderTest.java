package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;

/**
 * A kernel that is launched again and again needs nothing of its own: what is in its stream is
 * awaited.
 */
@ExtendWith(OnStandIn.class)
@Timeout(60)
class StreamOrderTest {
  private static final int WORDS = 2000;

  private final CUmodule module = new CUmodule();
  private final CUfunction function = new CUfunction();
  private final CUstream stream = new CUstream();
  private final AtomicLong launched = new AtomicLong();
  private final Semaphore mayLaunch = new Semaphore(1);

  private void launch(GpuMemory memory) {
    GpuMemory.use(0);
    Pointer parameters =
        Pointer.to(
            Pointer.to(memory.pointer()),
            Pointer.to(new long[] {WORDS}),
            Pointer.to(new long[] {1}));
    GpuMemory.check(
        () -> JCudaDriver.cuLaunchKernel(function, 2, 1, 1, 64, 1, 1, 0, stream, parameters, null));
    launched.incrementAndGet();
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void capturesWhatWasLaunchedAndNothingElse() throws Exception {
    try (GpuMemory memory = new GpuMemory(new byte[WORDS * Long.BYTES])) {
      GpuMemory.check(() -> JCudaDriver.cuModuleLoadData(module, PersistentWave.ptx("plain.ptx")));
      GpuMemory.check(() -> JCudaDriver.cuModuleGetFunction(function, module, "add_to_words"));
      GpuMemory.check(
          () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
      AdaptedKernel kernel =
          new CudaKernelAdapterProvider()
              .adapt(
                  KernelDescriptor.builder("sum", "sum")
                      .region("words", memory.memory())
                      .step(launched::get)
                      .quiesce(
                          StreamOrder.of(
                              stream, () -> Mono.fromRunnable(mayLaunch::acquireUninterruptibly)),
                          () -> Mono.fromRunnable(mayLaunch::release))
                      .build());
      AtomicBoolean running = new AtomicBoolean(true);
      Thread launcher =
          new Thread(
              () -> {
                while (running.get()) {
                  mayLaunch.acquireUninterruptibly();
                  launch(memory);
                  mayLaunch.release();
                  if (launched.get() % 16 == 0) {
                    // Some are always under way, but not ever more.
                    GpuMemory.check(() -> JCudaDriver.cuStreamSynchronize(stream));
                  }
                }
              });
      launcher.start();
      for (int i = 0; i < 20; i++) {
        try (Checkpoint checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
          ByteBuffer words =
              ByteBuffer.wrap(Bytes.of(checkpoint.chunks().get(0))).order(ByteOrder.LITTLE_ENDIAN);
          while (words.hasRemaining()) {
            assertThat(words.getLong()).isEqualTo(checkpoint.metadata().step());
          }
        }
      }
      running.set(false);
      launcher.join();
      GpuMemory.use(0);
      GpuMemory.check(() -> JCudaDriver.cuStreamSynchronize(stream));
      kernel.close().block(Bytes.LONG);
      GpuMemory.check(() -> JCudaDriver.cuStreamDestroy(stream));
      GpuMemory.check(() -> JCudaDriver.cuModuleUnload(module));
    }
  }
}
