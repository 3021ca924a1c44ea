package io.ringkernel.checkpoint.format;

import io.ringkernel.checkpoint.FingerprintAlgorithm;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How to write a checkpoint; immutable. */
public final class EncodeOptions {
  /** The default size of a block: 64 KiB. */
  public static final int DEFAULT_BLOCK_SIZE = 64 << 10;

  private static final EncodeOptions DEFAULT = new Builder().build();

  private final int formatVersion;
  private final Compression compression;
  private final int blockSize;
  private final FingerprintAlgorithm fingerprints;
  private final @Nullable Long createdAtMicros;
  private final @Nullable ObjectId objectId;
  private final @Nullable BlockReferences references;
  private final long maxIndexWeight;
  private final int maxMetadataLength;

  private EncodeOptions(Builder built) {
    this.formatVersion = built.formatVersion;
    this.compression = built.compression;
    this.blockSize = built.blockSize;
    this.fingerprints = built.fingerprints;
    this.createdAtMicros = built.createdAtMicros;
    this.objectId = built.objectId;
    this.references = built.references;
    this.maxIndexWeight = built.maxIndexWeight;
    this.maxMetadataLength = built.maxMetadataLength;
  }

  /** Version 2, not compressed, blocks of 64 KiB, XXH3-128. */
  public static EncodeOptions defaults() {
    return DEFAULT;
  }

  /** Starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** 1 or 2. */
  public int formatVersion() {
    return formatVersion;
  }

  /** By what to compress. */
  public Compression compression() {
    return compression;
  }

  /** Bytes in a block; version 2 only. */
  public int blockSize() {
    return blockSize;
  }

  /** How blocks are fingerprinted; version 2 only. */
  public FingerprintAlgorithm fingerprints() {
    return fingerprints;
  }

  /**
   * The created_at to write, microseconds since the Unix epoch, unsigned; null: the checkpoint's,
   * else the present.
   */
  public @Nullable Long createdAtMicros() {
    return createdAtMicros;
  }

  /** The id to write; null: a new one for each subscription; version 2 only. */
  public @Nullable ObjectId objectId() {
    return objectId;
  }

  /** Blocks that need not be written; null for a full file; version 2 only. */
  public @Nullable BlockReferences references() {
    return references;
  }

  /** The most bytes of memory that {@link EncodedFile#index} may take; 0: it is not kept. */
  public long maxIndexWeight() {
    return maxIndexWeight;
  }

  /** The longest metadata, in bytes: readers would refuse longer ones. */
  public int maxMetadataLength() {
    return maxMetadataLength;
  }

  /** Makes {@link EncodeOptions}; not safe for several threads. */
  public static final class Builder {
    private int formatVersion = 2;
    private Compression compression = Compression.NONE;
    private int blockSize = DEFAULT_BLOCK_SIZE;
    private FingerprintAlgorithm fingerprints = FingerprintAlgorithm.XXH3_128;
    private @Nullable Long createdAtMicros;
    private @Nullable ObjectId objectId;
    private @Nullable BlockReferences references;
    private long maxIndexWeight;
    private int maxMetadataLength = DecodeOptions.DEFAULT_MAX_METADATA_LENGTH;

    private Builder() {}

    /**
     * Which format to write.
     *
     * @param version 1 or 2
     * @throws IllegalArgumentException when it is neither
     */
    public Builder formatVersion(int version) {
      if (version != 1 && version != 2) {
        throw new IllegalArgumentException("format version must be 1 or 2, not " + version);
      }
      formatVersion = version;
      return this;
    }

    /**
     * By what to compress.
     *
     * @param value codec and level
     */
    public Builder compression(Compression value) {
      compression = Objects.requireNonNull(value);
      return this;
    }

    /**
     * Bytes in a block.
     *
     * @param bytes a power of two from 4,096 to 16,777,216
     * @throws IllegalArgumentException when it is not
     */
    public Builder blockSize(int bytes) {
      if (bytes < 4096 || bytes > 16 << 20 || Integer.bitCount(bytes) != 1) {
        throw new IllegalArgumentException(
            "block size must be a power of two from 4096 to 16777216, not " + bytes);
      }
      blockSize = bytes;
      return this;
    }

    /**
     * How blocks are fingerprinted.
     *
     * @param algorithm SHA-256 for state that untrusted parties influence
     */
    public Builder fingerprints(FingerprintAlgorithm algorithm) {
      fingerprints = Objects.requireNonNull(algorithm);
      return this;
    }

    /**
     * The created_at to write.
     *
     * @param micros microseconds since the Unix epoch; unsigned
     */
    public Builder createdAtMicros(long micros) {
      createdAtMicros = micros;
      return this;
    }

    /**
     * The id to write.
     *
     * @param id the file's, chosen before
     */
    public Builder objectId(ObjectId id) {
      objectId = id;
      return this;
    }

    /**
     * Blocks that need not be written, which makes a delta.
     *
     * @param stored where they are
     */
    public Builder references(BlockReferences stored) {
      references = stored;
      return this;
    }

    /**
     * Whether to keep the index of what is written, so that the next delta need not read it back.
     *
     * @param bytes of memory that it may take; an index that needs more is dropped; 0 unless set
     */
    public Builder maxIndexWeight(long bytes) {
      maxIndexWeight = bytes;
      return this;
    }

    /**
     * The longest metadata. A {@code Checkpointer} sets this to the limit of its own reading.
     *
     * @param bytes at least 0; 16 MiB unless set, as {@link
     *     DecodeOptions.Builder#maxMetadataLength}
     * @throws IllegalArgumentException when it is negative
     */
    public Builder maxMetadataLength(int bytes) {
      if (bytes < 0) {
        throw new IllegalArgumentException("a limit must be at least 0 bytes, not " + bytes);
      }
      maxMetadataLength = bytes;
      return this;
    }

    /** What was set. */
    public EncodeOptions build() {
      return new EncodeOptions(this);
    }
  }
}
