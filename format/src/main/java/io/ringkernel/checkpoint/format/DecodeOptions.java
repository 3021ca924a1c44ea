package io.ringkernel.checkpoint.format;

import io.ringkernel.checkpoint.ChunkContent;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** How to read a checkpoint, and the limits of what it may ask for; immutable. */
public final class DecodeOptions {
  /** The longest metadata that is read, and so written, unless set: 16 MiB. */
  static final int DEFAULT_MAX_METADATA_LENGTH = 16 << 20;

  private static final DecodeOptions DEFAULT = new Builder().build();

  private final boolean lenient;
  private final int maxMetadataLength;
  private final int maxIndexLength;
  private final long maxSize;
  private final @Nullable Function<ObjectId, Mono<ChunkContent>> ancestors;

  private DecodeOptions(Builder built) {
    this.lenient = built.lenient;
    this.maxMetadataLength = built.maxMetadataLength;
    this.maxIndexLength = built.maxIndexLength;
    this.maxSize = built.maxSize;
    this.ancestors = built.ancestors;
  }

  /** Strict, with the default limits, and no ancestors. */
  public static DecodeOptions defaults() {
    return DEFAULT;
  }

  /** Starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Starts from these options. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.lenient = lenient;
    builder.maxMetadataLength = maxMetadataLength;
    builder.maxIndexLength = maxIndexLength;
    builder.maxSize = maxSize;
    builder.ancestors = ancestors;
    return builder;
  }

  /** Whether version 1 files are read as the reference would, for salvage. */
  public boolean lenient() {
    return lenient;
  }

  /** The longest metadata, in bytes. */
  public int maxMetadataLength() {
    return maxMetadataLength;
  }

  /** The longest directory or index page of version 2, in bytes. */
  public int maxIndexLength() {
    return maxIndexLength;
  }

  /** The largest sum of the chunks' raw sizes, in bytes. */
  public long maxSize() {
    return maxSize;
  }

  /**
   * Finds the files that a delta refers to. If it is null, a delta fails when a block of another
   * file is read.
   */
  public @Nullable Function<ObjectId, Mono<ChunkContent>> ancestors() {
    return ancestors;
  }

  /** Makes {@link DecodeOptions}; not safe for several threads. */
  public static final class Builder {
    private boolean lenient;
    private int maxMetadataLength = DEFAULT_MAX_METADATA_LENGTH;
    private int maxIndexLength = 256 << 20;
    private long maxSize = 1L << 46;
    private @Nullable Function<ObjectId, Mono<ChunkContent>> ancestors;

    private Builder() {}

    /**
     * Whether to accept in version 1 what the reference accepts: trailing bytes, sizes that differ,
     * duplicate keys.
     *
     * @param value false unless a damaged or odd file is to be salvaged
     */
    public Builder lenient(boolean value) {
      lenient = value;
      return this;
    }

    /**
     * The longest metadata.
     *
     * @param bytes at least 0; 16 MiB unless set
     * @throws IllegalArgumentException when it is negative
     */
    public Builder maxMetadataLength(int bytes) {
      maxMetadataLength = (int) notNegative(bytes);
      return this;
    }

    /**
     * The longest directory or index page.
     *
     * @param bytes at least 0; 256 MiB unless set
     * @throws IllegalArgumentException when it is negative
     */
    public Builder maxIndexLength(int bytes) {
      maxIndexLength = (int) notNegative(bytes);
      return this;
    }

    /**
     * The largest sum of the chunks' raw sizes: a small file can describe a very large state of
     * zeros.
     *
     * @param bytes at least 0; 64 TiB unless set
     * @throws IllegalArgumentException when it is negative
     */
    public Builder maxSize(long bytes) {
      maxSize = notNegative(bytes);
      return this;
    }

    private static long notNegative(long bytes) {
      if (bytes < 0) {
        throw new IllegalArgumentException("a limit must be at least 0 bytes, not " + bytes);
      }
      return bytes;
    }

    /**
     * How to find the files that a delta refers to. Each is checked once against the root hash that
     * the delta gives.
     *
     * @param find gives the whole file as content; an error when it is missing
     */
    public Builder ancestors(Function<ObjectId, Mono<ChunkContent>> find) {
      ancestors = Objects.requireNonNull(find);
      return this;
    }

    /** What was set. */
    public DecodeOptions build() {
      return new DecodeOptions(this);
    }
  }
}
