package io.ringkernel.checkpoint;

import io.ringkernel.checkpoint.internal.Utf8;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a checkpoint is of: which kernel, at which step and time.
 *
 * @param kernelId which kernel; may be empty
 * @param kernelType which program it runs; may be empty
 * @param step how far it is; unsigned
 * @param gridSize extent of the grid, in cells
 * @param tileSize extent of one tile, in cells
 * @param hlc the kernel's logical time at the cut
 * @param createdAtMicros microseconds since the Unix epoch; unsigned; 0 when not given: an encoder
 *     then writes the present
 * @param custom the application's own entries, ordered by the UTF-8 bytes of their keys; immutable
 */
public record CheckpointMetadata(
    String kernelId,
    String kernelType,
    long step,
    Dim3 gridSize,
    Dim3 tileSize,
    HlcTimestamp hlc,
    long createdAtMicros,
    SortedMap<String, String> custom) {

  /**
   * Copies and orders {@code custom}.
   *
   * @throws IllegalArgumentException when a text has a lone surrogate
   */
  public CheckpointMetadata {
    Utf8.requireWellFormed(kernelId);
    Utf8.requireWellFormed(kernelType);
    SortedMap<String, String> ordered = new TreeMap<>(Utf8.BYTE_ORDER);
    custom.forEach(
        (key, value) -> {
          Utf8.requireWellFormed(key);
          Utf8.requireWellFormed(value);
          ordered.put(key, value);
        });
    custom = Collections.unmodifiableSortedMap(ordered);
  }

  /**
   * Starts a description with everything at 0 but these.
   *
   * @param kernelId which kernel
   * @param kernelType which program it runs
   */
  public static Builder builder(String kernelId, String kernelType) {
    return new Builder(kernelId, kernelType);
  }

  /** A builder that starts from this description. */
  public Builder toBuilder() {
    return new Builder(kernelId, kernelType)
        .step(step)
        .gridSize(gridSize)
        .tileSize(tileSize)
        .hlc(hlc)
        .createdAtMicros(createdAtMicros)
        .custom(custom);
  }

  /**
   * The same with other entries of the application's own.
   *
   * @param entries keys and values, instead of those here
   */
  public CheckpointMetadata withCustom(Map<String, String> entries) {
    return new CheckpointMetadata(
        kernelId,
        kernelType,
        step,
        gridSize,
        tileSize,
        hlc,
        createdAtMicros,
        new TreeMap<>(entries));
  }

  /** When it was made. */
  public Instant createdAt() {
    return Instant.EPOCH
        .plusSeconds(Long.divideUnsigned(createdAtMicros, 1_000_000))
        .plus(Long.remainderUnsigned(createdAtMicros, 1_000_000), ChronoUnit.MICROS);
  }

  /** Makes {@link CheckpointMetadata}; not safe for several threads. */
  public static final class Builder {
    private String kernelId;
    private String kernelType;
    private long step;
    private Dim3 gridSize = Dim3.NONE;
    private Dim3 tileSize = Dim3.NONE;
    private HlcTimestamp hlc = HlcTimestamp.ZERO;
    private long createdAtMicros;
    private final SortedMap<String, String> custom = new TreeMap<>(Utf8.BYTE_ORDER);

    private Builder(String kernelId, String kernelType) {
      this.kernelId = kernelId;
      this.kernelType = kernelType;
    }

    /**
     * Which kernel.
     *
     * @param value any text without a lone surrogate
     */
    public Builder kernelId(String value) {
      kernelId = value;
      return this;
    }

    /**
     * Which program it runs.
     *
     * @param value any text without a lone surrogate
     */
    public Builder kernelType(String value) {
      kernelType = value;
      return this;
    }

    /**
     * How far the kernel is.
     *
     * @param value unsigned
     */
    public Builder step(long value) {
      step = value;
      return this;
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
     * The kernel's logical time at the cut.
     *
     * @param value the time
     */
    public Builder hlc(HlcTimestamp value) {
      hlc = value;
      return this;
    }

    /**
     * When the checkpoint was made; set it for output that must be the same every time.
     *
     * @param value microseconds since the Unix epoch; unsigned; 0: the moment of encoding
     */
    public Builder createdAtMicros(long value) {
      createdAtMicros = value;
      return this;
    }

    /**
     * One entry of the application's own; replaces one of the same key.
     *
     * @param key any text without a lone surrogate
     * @param value any text without a lone surrogate
     */
    public Builder custom(String key, String value) {
      custom.put(key, value);
      return this;
    }

    /**
     * Entries of the application's own, added to those here.
     *
     * @param entries keys and values
     */
    public Builder custom(Map<String, String> entries) {
      custom.putAll(entries);
      return this;
    }

    /** What was described. */
    public CheckpointMetadata build() {
      return new CheckpointMetadata(
          kernelId, kernelType, step, gridSize, tileSize, hlc, createdAtMicros, custom);
    }
  }
}
