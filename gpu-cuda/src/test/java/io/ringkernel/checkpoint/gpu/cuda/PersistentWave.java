package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.BiConsumer;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import reactor.core.publisher.Mono;

/**
 * The kernel of persistent.cu as a user's program runs it: launched once with a thread block for
 * every multiprocessor, and never ending. The program has a solver of its own to compare with.
 */
final class PersistentWave implements AutoCloseable {
  static final int SIZE = 8;
  private static final int CELLS = SIZE * SIZE * SIZE;
  private static final int CONTROL = 16;
  private static final int THREADS = 64;

  private final int device;
  private final int groups;
  private final Handshake handshake;
  private final GpuMemory control;
  private final GpuMemory a;
  private final GpuMemory b;
  private final CUmodule module = new CUmodule();
  private final CUfunction function = new CUfunction();
  private final CUstream stream = new CUstream();
  private final AdaptedKernel kernel;
  private boolean launched;

  /**
   * On the first device; told when it stands still, and when it is to run on.
   *
   * @param stands run as its step is asked for, which is done first of all
   * @param runsOn run before it is told to
   */
  static PersistentWave watched(Runnable stands, Runnable runsOn) {
    return new PersistentWave(
        0,
        StandIn.MULTIPROCESSORS,
        Bytes.LONG,
        (handshake, descriptor) ->
            descriptor
                .step(
                    () -> {
                      stands.run();
                      return handshake.step();
                    })
                .quiesce(
                    new Handshake.Quiesce(handshake),
                    () -> Mono.<Void>fromRunnable(runsOn).then(handshake.resume())));
  }

  /** Made and adapted, but not launched. */
  PersistentWave(int device, Duration timeout, String... options) {
    this(device, StandIn.MULTIPROCESSORS, timeout, options);
  }

  /** With so many thread blocks: as many as its device holds. */
  PersistentWave(int device, int groups, Duration timeout, String... options) {
    this(device, groups, timeout, (handshake, descriptor) -> {}, options);
  }

  /** With more state, that it never looks at; in blocks as they usually are. */
  PersistentWave(int device, int groups, Duration timeout, KernelMemory.Device more) {
    this(
        device,
        groups,
        timeout,
        (handshake, descriptor) -> descriptor.region("more", more),
        "block-size",
        "65536",
        "ring-buffer-size",
        "4194304");
  }

  private PersistentWave(
      int device,
      int groups,
      Duration timeout,
      BiConsumer<Handshake, KernelDescriptor.Builder> more,
      String... options) {
    this.device = device;
    this.groups = groups;
    GpuMemory.use(device);
    GpuMemory.check(() -> JCudaDriver.cuModuleLoadData(module, ptx("persistent.ptx")));
    GpuMemory.check(() -> JCudaDriver.cuModuleGetFunction(function, module, "persistent_wave"));
    GpuMemory.check(
        () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    control = new GpuMemory(device, controlBlock());
    a = new GpuMemory(device, bytes(start()));
    b = new GpuMemory(device, bytes(start()));
    GpuMemory.use(device);
    handshake = Handshake.allocate("wave-" + device, timeout);
    kernel = new CudaKernelAdapterProvider().adapt(describe(more, options));
  }

  /** As many thread blocks as the first device holds at once. */
  static int groupsThatFillTheDevice() {
    GpuMemory.use(0);
    CUmodule module = new CUmodule();
    GpuMemory.check(() -> JCudaDriver.cuModuleLoadData(module, ptx("persistent.ptx")));
    CUfunction function = new CUfunction();
    GpuMemory.check(() -> JCudaDriver.cuModuleGetFunction(function, module, "persistent_wave"));
    int[] each = new int[1];
    GpuMemory.check(
        () -> JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(each, function, THREADS, 0));
    int multiprocessors = Driver.multiprocessors(Driver.device(0));
    GpuMemory.check(() -> JCudaDriver.cuModuleUnload(module));
    return each[0] * multiprocessors;
  }

  static byte[] ptx(String name) {
    try (InputStream resource = PersistentWave.class.getResourceAsStream(name)) {
      byte[] text = resource.readAllBytes();
      return Arrays.copyOf(text, text.length + 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] controlBlock() {
    return ByteBuffer.allocate(CONTROL)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(0)
        .putInt(0)
        .putInt(SIZE)
        .array();
  }

  private KernelDescriptor describe(
      BiConsumer<Handshake, KernelDescriptor.Builder> more, String... options) {
    KernelDescriptor.Builder descriptor =
        handshake
            .describe(KernelDescriptor.builder("wave-" + device, "wave3d"))
            .controlBlock(control.memory())
            .region("a", a.memory())
            .region("b", b.memory())
            .option("device", Integer.toString(device))
            .option("ring-buffers", "2")
            .option("ring-buffer-size", "4096")
            .option("block-size", "256");
    more.accept(handshake, descriptor);
    for (int i = 0; i < options.length; i += 2) {
      descriptor.option(options[i], options[i + 1]);
    }
    return descriptor.build();
  }

  AdaptedKernel kernel() {
    return kernel;
  }

  Handshake handshake() {
    return handshake;
  }

  /** Launches it: from now on the device is full. */
  PersistentWave launch() {
    GpuMemory.use(device);
    Pointer parameters =
        Pointer.to(
            Pointer.to(handshake.devicePointer()),
            Pointer.to(control.pointer()),
            Pointer.to(a.pointer()),
            Pointer.to(b.pointer()));
    GpuMemory.check(
        () ->
            JCudaDriver.cuLaunchKernel(
                function, groups, 1, 1, THREADS, 1, 1, 0, stream, parameters, null));
    launched = true;
    return this;
  }

  /** The step in the device's memory now. */
  long step() {
    ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    control.read(0, word);
    return word.getLong(0);
  }

  /** Waits until it does another step. */
  void untilItGotOn() {
    long before = step();
    Patience.until("it does another step", () -> step() > before);
  }

  /** Has it end. */
  void stop() {
    if (launched) {
      launched = false;
      handshake.stop().block(Bytes.LONG);
    }
  }

  @Override
  public void close() {
    stop();
    kernel.close().block(Bytes.LONG);
    closeOwn();
  }

  /** Gives all but the adapted kernel back. */
  void closeOwn() {
    GpuMemory.use(device);
    GpuMemory.check(() -> JCudaDriver.cuStreamSynchronize(stream));
    handshake.close();
    control.close();
    a.close();
    b.close();
    GpuMemory.check(() -> JCudaDriver.cuStreamDestroy(stream));
    GpuMemory.check(() -> JCudaDriver.cuModuleUnload(module));
  }

  /** The newest field in a checkpoint's bytes. */
  static float[] field(Checkpoint checkpoint) {
    byte[] block = Bytes.of(checkpoint.chunks().get(0));
    int current = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).getInt(8);
    return floats(Bytes.of(checkpoint.region(current == 0 ? "a" : "b").orElseThrow()));
  }

  /** That a checkpoint's newest field is, bit for bit, the one computed here. */
  static void assertIsTheReference(Checkpoint checkpoint) {
    long step = checkpoint.metadata().step();
    assertThat(field(checkpoint)).as("the field at step %d", step).isEqualTo(reference(step));
  }

  static float[] floats(byte[] bytes) {
    FloatBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    float[] values = new float[view.remaining()];
    view.get(values);
    return values;
  }

  private static byte[] bytes(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  private static float[] start() {
    float[] field = new float[CELLS];
    field[CELLS / 2 + SIZE / 2] = 1;
    field[3] = 0.25f;
    return field;
  }

  /** The field after so many steps, computed here. */
  static float[] reference(long steps) {
    float[] now = start();
    float[] other = start();
    for (long step = 0; step < steps; step++) {
      for (int at = 0; at < CELLS; at++) {
        other[at] = next(now, other[at], at);
      }
      float[] swap = now;
      now = other;
      other = swap;
    }
    return now;
  }

  private static float next(float[] now, float older, int at) {
    int x = at % SIZE;
    int y = at / SIZE % SIZE;
    int z = at / (SIZE * SIZE);
    float here = now[at];
    float west = x > 0 ? now[at - 1] : here;
    float east = x + 1 < SIZE ? now[at + 1] : here;
    float north = y > 0 ? now[at - SIZE] : here;
    float south = y + 1 < SIZE ? now[at + SIZE] : here;
    float below = z > 0 ? now[at - SIZE * SIZE] : here;
    float above = z + 1 < SIZE ? now[at + SIZE * SIZE] : here;
    float around = (west + east) + (north + south) + (below + above);
    return 0.5f * here + 0.25f * around - older;
  }
}
