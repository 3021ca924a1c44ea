package io.ringkernel.checkpoint.examples.cuda;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.HlcClock;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.examples.Wave;
import io.ringkernel.checkpoint.examples.WaveSetup;
import io.ringkernel.checkpoint.examples.WaveSource;
import io.ringkernel.checkpoint.gpu.cuda.CudaKernelAdapterProvider;
import io.ringkernel.checkpoint.gpu.cuda.Handshake;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A wave in a cube, computed on a CUDA device by one launch that never ends: the program around
 * {@code wave3d.cu}, to copy from.
 *
 * <p>All that is needed of the device is made before the kernel is launched, since afterwards the
 * driver may make whoever allocates or frees wait for the kernel's end. While nobody waits for a
 * later step the kernel rests, at its safe points, without ending; its state is captured there or
 * between two steps, by its own thread blocks.
 *
 * <p>Safe for any number of threads; {@link #close} waits for the device.
 */
public final class CudaWave implements Wave {
  /** The {@link #kernelType} of all of them. */
  public static final String TYPE = "wave3d-cuda";

  private static final int THREADS = 256;
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long LOOK_MICROS = 200;

  private final Cuda cuda;
  private final CUstream stream;
  private final Handshake handshake;
  private final WaveGate gate;
  private final AdaptedKernel kernel;
  private final Scheduler looks;
  private final Set<MonoSink<Long>> waiting = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  private CudaWave(Cuda cuda, String kernelId, WaveSetup setup, List<WaveSource> sources) {
    this.cuda = cuda;
    CUfunction function = cuda.function(ptx(), "wave3d");
    stream = cuda.stream();
    WaveMemory memory = new WaveMemory(cuda, setup, sources);
    Pointer words = cuda.allocateMapped(WaveGate.BYTES);
    gate = new WaveGate(words.getByteBuffer(0, WaveGate.BYTES), memory.turns(), setup.size());
    handshake = Handshake.allocate(kernelId, LIMIT);
    cuda.owned(handshake::close);
    HlcClock clock = new HlcClock(DataChunk.regionId(kernelId));
    // Adapt first, launch then: this makes the shadow, the pinned buffers and all else.
    kernel =
        new CudaKernelAdapterProvider()
            .adapt(
                memory
                    .describe(handshake.describe(KernelDescriptor.builder(kernelId, TYPE)))
                    .hlc(clock::tick)
                    .cut(clock::merge)
                    .build());
    cuda.owned(() -> kernel.close().block(LIMIT));
    looks = Schedulers.newSingle("wave-" + kernelId + "-looks", true);
    launch(function, memory.parameters(handshake.devicePointer(), Cuda.mapped(words)));
  }

  /**
   * A wave at step 0, at rest, on the first device; the caller closes it. Waits for the device.
   *
   * @param kernelId which kernel; any text without a lone surrogate
   * @param setup what it is made of
   * @param sources pulses ahead of it
   * @throws IllegalArgumentException when there are more than it has room for, or one is outside
   * @throws IllegalStateException when the driver refuses
   */
  public static CudaWave start(String kernelId, WaveSetup setup, List<WaveSource> sources) {
    Cuda cuda = new Cuda(0);
    try {
      return new CudaWave(cuda, kernelId, setup, sources);
    } catch (RuntimeException e) {
      cuda.close();
      throw e;
    }
  }

  private static byte[] ptx() {
    try (InputStream resource = CudaWave.class.getResourceAsStream("wave3d.ptx")) {
      byte[] text = Objects.requireNonNull(resource, "wave3d.ptx").readAllBytes();
      return Arrays.copyOf(text, text.length + 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All thread blocks must be on the device at once: they wait for each other after each step. */
  private void launch(CUfunction function, Pointer parameters) {
    int groups = cuda.groupsAtOnce(function, THREADS);
    Cuda.check(
        "cuLaunchKernel",
        JCudaDriver.cuLaunchKernel(
            function, groups, 1, 1, THREADS, 1, 1, 0, stream, parameters, null));
  }

  @Override
  public String kernelId() {
    return kernel.kernelId();
  }

  @Override
  public String kernelType() {
    return kernel.kernelType();
  }

  @Override
  public Mono<Checkpoint> createCheckpoint() {
    return kernel.createCheckpoint();
  }

  @Override
  public boolean supportsIncremental() {
    return kernel.supportsIncremental();
  }

  @Override
  public Mono<Checkpoint> createIncrementalCheckpoint(Checkpoint base) {
    return kernel.createIncrementalCheckpoint(base);
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return kernel.restoreFromCheckpoint(checkpoint);
  }

  @Override
  public Mono<QuiescedKernel> quiesce() {
    return kernel.quiesce();
  }

  /** {@inheritDoc} It is an error when the kernel ends meanwhile. */
  @Override
  public Mono<Long> runTo(long step) {
    return Mono.create(
        sink -> {
          try {
            begin(sink, gate.wish(step));
          } catch (IllegalStateException | RejectedExecutionException e) {
            sink.error(ended("closed"));
          }
        });
  }

  private void begin(MonoSink<Long> sink, WaveGate.Wish wish) {
    waiting.add(sink);
    Disposable looking =
        looks.schedulePeriodically(() -> look(sink, wish), 0, LOOK_MICROS, TimeUnit.MICROSECONDS);
    sink.onDispose(
        () -> {
          looking.dispose();
          waiting.remove(sink);
          wish.drop();
        });
  }

  private void look(MonoSink<Long> sink, WaveGate.Wish wish) {
    OptionalLong reached = wish.reached();
    if (reached.isPresent()) {
      sink.success(reached.getAsLong());
      return;
    }
    cuda.enter();
    int code = JCudaDriver.cuStreamQuery(stream);
    if (code != CUresult.CUDA_ERROR_NOT_READY) {
      sink.error(ended(code == CUresult.CUDA_SUCCESS ? "ended" : CUresult.stringFor(code)));
    }
  }

  private KernelException ended(String how) {
    return new KernelException(
        kernelId(), KernelException.Phase.RESUME, "it does not run any more: " + how, null);
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    cuda.enter();
    // One that does not end is left alone, with its memory: freeing would wait for it for ever.
    handshake.stop().block(LIMIT);
    Cuda.check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(stream));
    gate.shut();
    looks.schedule(() -> waiting.forEach(sink -> sink.error(ended("closed"))));
    looks.disposeGracefully().block(LIMIT);
    cuda.close();
  }
}
