package io.ringkernel.checkpoint.kernel;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.KernelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A description of a kernel: where its state is and how it is brought to stand still. An adapter
 * turns it into an {@link AdaptedKernel}.
 *
 * <p>A description must say how the kernel is brought to stand still: by the two hooks of {@link
 * Builder#quiesce}, or by {@link Builder#standsStill}. If a kernel ran while it is captured, its
 * checkpoint would be a mixture of several moments, and nobody would notice.
 *
 * @param kernelId which kernel
 * @param kernelType which program it runs
 * @param parts all pieces of state, in the order they were added; immutable
 * @param gridSize extent of the grid, in cells
 * @param tileSize extent of one tile, in cells
 * @param step the step the kernel is at, asked for while it stands still; unsigned; must not block
 * @param hlc the kernel's logical time, asked for while it stands still; must not block
 * @param custom the application's own entries, asked for while it stands still; must not block
 * @param cut called with the time of a cut that the kernel was part of, while it stands still; must
 *     not block
 * @param quiesce brings the kernel to a consistent point; completes when it stands still
 * @param resume lets the kernel run on
 * @param options settings of the adapter's own, for example a device ordinal; immutable
 */
public record KernelDescriptor(
    String kernelId,
    String kernelType,
    List<Part> parts,
    Dim3 gridSize,
    Dim3 tileSize,
    LongSupplier step,
    Supplier<HlcTimestamp> hlc,
    Supplier<Map<String, String>> custom,
    Consumer<HlcTimestamp> cut,
    Supplier<Mono<Void>> quiesce,
    Supplier<Mono<Void>> resume,
    Map<String, String> options) {
  /**
   * A piece of state.
   *
   * @param type what kind
   * @param id distinguishes it from others of its type; unsigned; for a named region the hash of
   *     its name
   * @param name a region's name, else null
   * @param memory where it is
   */
  public record Part(ChunkType type, long id, @Nullable String name, KernelMemory memory) {
    /** How messages name it: a region by its name, wherever it is; any other by its type and id. */
    public String label() {
      return name == null
          ? type.label() + " '" + Long.toUnsignedString(id) + "'"
          : "region '" + name + "'";
    }
  }

  /** Copies {@code parts} and {@code options}. */
  public KernelDescriptor {
    parts = List.copyOf(parts);
    options = Map.copyOf(options);
  }

  /**
   * Starts a description.
   *
   * @param kernelId which kernel
   * @param kernelType which program it runs
   */
  public static Builder builder(String kernelId, String kernelType) {
    return new Builder(kernelId, kernelType);
  }

  /**
   * The metadata of a checkpoint taken now. It asks the sources of step, time and entries, so call
   * it only while the kernel stands still.
   *
   * @throws CheckpointException a source's own error; else a {@link KernelException} that names the
   *     source, when it fails or gives what no checkpoint can have
   */
  public CheckpointMetadata metadata() {
    CheckpointMetadata.Builder metadata =
        CheckpointMetadata.builder(kernelId, kernelType).gridSize(gridSize).tileSize(tileSize);
    told("step", () -> metadata.step(step.getAsLong()));
    told("hlc", () -> metadata.hlc(given(hlc.get(), "a time, HlcTimestamp.ZERO without one")));
    told("custom", () -> entries().forEach(metadata::custom));
    return metadata.build();
  }

  private Map<String, String> entries() {
    Map<String, String> entries = given(custom.get(), "a map, an empty one without entries");
    entries.forEach(
        (key, value) -> {
          given(key, "a key for each entry");
          given(value, "a value for '" + key + "', or leave the entry out");
        });
    return entries;
  }

  /** A source is the application's: whatever it does wrong is told with its name. */
  private void told(String source, Runnable ask) {
    try {
      ask.run();
    } catch (CheckpointException e) {
      throw e;
    } catch (RuntimeException e) {
      String reason = e.getMessage() == null ? e.toString() : e.getMessage();
      throw new KernelException(
          kernelId,
          KernelException.Phase.CAPTURE,
          "its description's " + source + "(...) failed: " + reason,
          e);
    }
  }

  private static <T> T given(@Nullable T value, String instead) {
    if (value == null) {
      throw new IllegalStateException("it gave null: give " + instead);
    }
    return value;
  }

  /** Makes a {@link KernelDescriptor}; not safe for several threads. */
  public static final class Builder {
    private final String kernelId;
    private final String kernelType;
    private final List<Part> parts = new ArrayList<>();
    private final Map<String, String> options = new TreeMap<>();
    private Dim3 gridSize = Dim3.NONE;
    private Dim3 tileSize = Dim3.NONE;
    private LongSupplier step = () -> 0;
    private Supplier<HlcTimestamp> hlc = () -> HlcTimestamp.ZERO;
    private Supplier<Map<String, String>> custom = Map::of;
    private Consumer<HlcTimestamp> cut = time -> {};
    private @Nullable Supplier<Mono<Void>> quiesce;
    private @Nullable Supplier<Mono<Void>> resume;

    private Builder(String kernelId, String kernelType) {
      this.kernelId = kernelId;
      this.kernelType = kernelType;
    }

    /**
     * A named region of device memory.
     *
     * @param name distinguishes it from the others
     * @param memory where it is
     */
    public Builder region(String name, KernelMemory memory) {
      parts.add(new Part(ChunkType.DEVICE_MEMORY, DataChunk.regionId(name), name, memory));
      return this;
    }

    /**
     * Any other piece of state: control block, queues, clock, routing, halo, telemetry, custom.
     *
     * @param type what kind
     * @param id distinguishes it from others of its type; unsigned; 0 if there is only one
     * @param memory where it is
     */
    public Builder part(ChunkType type, long id, KernelMemory memory) {
      parts.add(new Part(type, id, null, memory));
      return this;
    }

    /**
     * The kernel's control block.
     *
     * @param memory where it is
     */
    public Builder controlBlock(KernelMemory memory) {
      return part(ChunkType.CONTROL_BLOCK, 0, memory);
    }

    /**
     * Extent of the grid.
     *
     * @param value in cells
     */
    public Builder gridSize(Dim3 value) {
      gridSize = value;
      return this;
    }

    /**
     * Extent of one tile.
     *
     * @param value in cells
     */
    public Builder tileSize(Dim3 value) {
      tileSize = value;
      return this;
    }

    /**
     * Where the step comes from.
     *
     * @param source asked while the kernel stands still; must not block
     */
    public Builder step(LongSupplier source) {
      step = source;
      return this;
    }

    /**
     * Where the logical time comes from.
     *
     * @param source asked while the kernel stands still; must not block
     */
    public Builder hlc(Supplier<HlcTimestamp> source) {
      hlc = source;
      return this;
    }

    /**
     * Where the application's own entries of a checkpoint come from, for example the loss that a
     * training has reached, which retention can go by. None unless set.
     *
     * @param source asked while the kernel stands still; must not block; gives a map without null
     */
    public Builder custom(Supplier<Map<String, String>> source) {
      custom = source;
      return this;
    }

    /**
     * What is called with the time of a cut that the kernel was part of. It merges the time into
     * the kernel's clock, so that what the kernel stamps from then on is later. Nothing unless set.
     *
     * @param clock called while the kernel stands still; must not block
     */
    public Builder cut(Consumer<HlcTimestamp> clock) {
      cut = clock;
      return this;
    }

    /**
     * How the kernel is brought to stand still, and let run on.
     *
     * <p>Both are called, and subscribed to, on the thread that the work has come to: one of the
     * adapter's, or the thread that closes a checkpoint that was captured straight. So neither may
     * block: a hook that has to wait completes its {@code Mono} later, or waits on a scheduler of
     * the caller's ({@code subscribeOn}).
     *
     * <p>{@code stop} is cancelled when the capture or restore is cancelled, or when it takes too
     * long; {@code go} runs to its end, also when it is reported to take too long. The adapter
     * limits how long either may take: {@code "host"} and {@code "cuda"} have the option {@code
     * quiesce-timeout} for {@code stop}; for {@code go} {@code "host"} has {@code resume-timeout},
     * {@code "cuda"} its {@code timeout}. A {@code go} that has not ended when the kernel is to be
     * stopped again is waited for, within the limit of {@code stop}, and then cancelled: from then
     * on it must not let the kernel run.
     *
     * @param stop subscribed to once for each capture or restore, or for each cut; completes when
     *     nothing changes the state any more
     * @param go subscribed to once after each {@code stop}, also after one that failed or was
     *     cancelled, but not after a restore that failed half-way; completes when the kernel runs
     */
    public Builder quiesce(Supplier<Mono<Void>> stop, Supplier<Mono<Void>> go) {
      quiesce = stop;
      resume = go;
      return this;
    }

    /**
     * Says that nothing changes the state while it is captured or restored: the caller ensures
     * that, and there is nothing to stop.
     */
    public Builder standsStill() {
      return quiesce(Mono::empty, Mono::empty);
    }

    /**
     * A setting of the adapter's own.
     *
     * @param name which
     * @param value its text
     */
    public Builder option(String name, String value) {
      options.put(name, value);
      return this;
    }

    /**
     * What was described.
     *
     * @throws IllegalStateException when neither {@link #quiesce} nor {@link #standsStill} was
     *     called, or nothing was described that could be captured
     */
    public KernelDescriptor build() {
      if (parts.isEmpty()) {
        throw new IllegalStateException(
            "kernel '"
                + kernelId
                + "': nothing of it would be captured: describe its memory, by region(name, memory),"
                + " controlBlock(memory) or part(type, id, memory)");
      }
      if (quiesce == null || resume == null) {
        throw new IllegalStateException(
            "kernel '"
                + kernelId
                + "': say how it is brought to stand still, by quiesce(stop, go), or by"
                + " standsStill() when nothing changes its state while it is captured or restored");
      }
      return new KernelDescriptor(
          kernelId,
          kernelType,
          parts,
          gridSize,
          tileSize,
          step,
          hlc,
          custom,
          cut,
          quiesce,
          resume,
          options);
    }
  }
}
