package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapterProvider;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * A kernel that an adapter makes of a description. Its program stamps every word of its state with
 * the step, one piece of memory after the other. It reads the step from its state, so it goes on
 * from what it was restored to.
 */
public final class DescribedKernel implements KernelUnderTest {
  /** Memory of the kind that the adapter works on, as the program and the kit access it. */
  public interface Memory extends AutoCloseable {
    /** How the description names it. */
    KernelMemory memory();

    /**
     * Writes to it.
     *
     * @param offset of the first byte
     * @param bytes what remains of it is written
     */
    void write(int offset, ByteBuffer bytes);

    /**
     * Reads from it.
     *
     * @param offset of the first byte
     * @param target what remains of it is filled
     */
    void read(int offset, ByteBuffer target);

    /** Gives it back. */
    @Override
    void close();
  }

  private record Piece(ChunkType type, long id, @Nullable String name, int size, Memory memory) {
    byte[] read() {
      byte[] bytes = new byte[size];
      memory.read(0, ByteBuffer.wrap(bytes));
      return bytes;
    }
  }

  private static final int CONTROL = 128;
  private static final int QUEUE = 4096;

  /** Several of any adapter's pieces, and a rest. */
  private static final int PRESSURE = (6 << 20) + 40;

  private static final int VELOCITY = 100_003;

  /** Bytes of all its state, and so of a shadow of it. */
  public static final long STATE_BYTES = CONTROL + QUEUE + PRESSURE + VELOCITY + 1L;

  private static final int STAMP = 1 << 16;
  private static final String TYPE = "stamps";

  private final Set<KernelCapability> capabilities;
  private final List<Piece> pieces = new ArrayList<>();
  private final SteppedProgram program;
  private final AdaptedKernel kernel;
  private volatile long step;

  /**
   * Starts a kernel.
   *
   * @param adapter makes the kernel
   * @param options of the adapter
   * @param capabilities what the kernel must show with these options
   * @param memory gives memory of a size in bytes, also of 0 bytes
   */
  public DescribedKernel(
      KernelAdapterProvider adapter,
      Map<String, String> options,
      Set<KernelCapability> capabilities,
      IntFunction<Memory> memory) {
    this.capabilities = Set.copyOf(capabilities);
    add(memory, ChunkType.CONTROL_BLOCK, 0, null, CONTROL);
    add(memory, ChunkType.K2H_QUEUE, 0, null, QUEUE);
    add(memory, ChunkType.DEVICE_MEMORY, regionId("pressure"), "pressure", PRESSURE);
    add(memory, ChunkType.DEVICE_MEMORY, regionId("velocity.x"), "velocity.x", VELOCITY);
    add(memory, ChunkType.CUSTOM, 5, null, 0);
    add(memory, ChunkType.CUSTOM, -1, null, 1);
    stamp(1);
    this.program = new SteppedProgram("program", this::next, () -> step = stepInMemory());
    this.kernel = adapter.adapt(describe(options));
  }

  private static long regionId(String name) {
    return DataChunk.regionId(name);
  }

  private void add(
      IntFunction<Memory> memory, ChunkType type, long id, @Nullable String name, int size) {
    pieces.add(new Piece(type, id, name, size, memory.apply(size)));
  }

  private KernelDescriptor describe(Map<String, String> options) {
    KernelDescriptor.Builder descriptor =
        KernelDescriptor.builder("described", TYPE)
            .gridSize(new Dim3(8, 4, 2))
            .tileSize(new Dim3(4, 2, 1))
            .step(() -> step)
            .hlc(() -> hlc(step))
            .quiesce(program.hooks()::quiesce, program.hooks()::resume);
    for (Piece piece : pieces) {
      if (piece.name() == null) {
        descriptor.part(piece.type(), piece.id(), piece.memory().memory());
      } else {
        descriptor.region(piece.name(), piece.memory().memory());
      }
    }
    options.forEach(descriptor::option);
    return descriptor.build();
  }

  private static HlcTimestamp hlc(long step) {
    return new HlcTimestamp(step, 1, 7);
  }

  private void next() {
    stamp(stepInMemory() + 1);
  }

  private long stepInMemory() {
    ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    pieces.get(0).memory().read(0, word);
    return word.getLong(0);
  }

  private void stamp(long newStep) {
    ByteBuffer stamp = stamp(newStep, STAMP);
    for (Piece piece : pieces) {
      for (int at = 0; at < piece.size(); at += STAMP) {
        piece.memory().write(at, stamp.slice(0, Math.min(STAMP, piece.size() - at)));
      }
    }
  }

  private static ByteBuffer stamp(long step, int size) {
    int words = (size + Long.BYTES - 1) / Long.BYTES;
    ByteBuffer stamp = ByteBuffer.allocate(words * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (stamp.hasRemaining()) {
      stamp.putLong(step);
    }
    return stamp.slice(0, size);
  }

  @Override
  public AdaptedKernel kernel() {
    return kernel;
  }

  @Override
  public Set<KernelCapability> capabilities() {
    return capabilities;
  }

  @Override
  public CheckpointMetadata metadata() {
    long now = stepInMemory();
    return CheckpointMetadata.builder("described", TYPE)
        .step(now)
        .gridSize(new Dim3(8, 4, 2))
        .tileSize(new Dim3(4, 2, 1))
        .hlc(hlc(now))
        .build();
  }

  @Override
  public List<StatePart> state() {
    return pieces.stream()
        .map(piece -> new StatePart(piece.type(), piece.id(), piece.name(), piece.read()))
        .toList();
  }

  @Override
  public void overwrite(List<byte[]> parts) {
    for (int i = 0; i < pieces.size(); i++) {
      pieces.get(i).memory().write(0, ByteBuffer.wrap(parts.get(i)));
    }
  }

  @Override
  public void advance() {
    program.advance();
  }

  @Override
  public Disposable run() {
    return program.run();
  }

  @Override
  public void assertWasReached(CheckpointMetadata metadata, List<StatePart> parts) {
    for (StatePart part : parts) {
      assertThat(
              ByteBuffer.wrap(part.bytes()).mismatch(stamp(metadata.step(), part.bytes().length)))
          .as("first byte of '%s' that is not of step %d", part.label(), metadata.step())
          .isEqualTo(-1);
    }
  }

  @Override
  public Optional<KernelHooks> hooks() {
    return Optional.of(program.hooks());
  }

  @Override
  public void close() {
    program.close();
    kernel.close().block(Patience.LIMIT);
    pieces.forEach(piece -> piece.memory().close());
  }
}
