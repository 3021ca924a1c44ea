package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.internal.Spans;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes a {@link Checkpointer}; not safe for several threads. */
public final class CheckpointerBuilder {
  /** Holds the indexes of states of 150 GiB in all, in blocks of 64 KiB. */
  private static final long DEFAULT_BASE_CACHE = 64L << 20;

  /** Of the store that is written to. */
  final Place place;

  final @Nullable TieredStorage tiers;
  EncodeOptions.Builder encoding = EncodeOptions.builder();
  DecodeOptions decoding = DecodeOptions.defaults();
  final CheckpointCodec.Builder ownCodec = CheckpointCodec.builder();
  @Nullable CheckpointCodec givenCodec;
  Duration captureTimeout = Duration.ofMinutes(1);
  Clock clock = Clock.systemUTC();
  Duration lease = Duration.ofMinutes(2);
  @Nullable StallBudget stallBudget;
  long shadowBytes = 1L << 30;
  FullPolicy fullPolicy = FullPolicy.defaults();
  long baseCacheBytes = DEFAULT_BASE_CACHE;

  CheckpointerBuilder(Place place) {
    this(place, null);
  }

  CheckpointerBuilder(TieredStorage tiers) {
    this(tiers.near(), tiers);
  }

  private CheckpointerBuilder(Place place, @Nullable TieredStorage tiers) {
    this.place = place;
    this.tiers = tiers;
  }

  /** The same settings for another store. */
  CheckpointerBuilder on(CheckpointStorage other, CheckpointCodec codec) {
    CheckpointerBuilder copy = new CheckpointerBuilder(new Place.Lent(other));
    copy.encoding = encoding;
    copy.decoding = decoding;
    copy.givenCodec = codec;
    copy.captureTimeout = captureTimeout;
    copy.clock = clock;
    copy.lease = lease;
    copy.stallBudget = stallBudget;
    copy.shadowBytes = shadowBytes;
    copy.fullPolicy = fullPolicy;
    copy.baseCacheBytes = baseCacheBytes;
    return copy;
  }

  /**
   * The compression; none unless set. {@link #build} checks that there is such a codec.
   *
   * @param value codec and level
   */
  public CheckpointerBuilder compression(Compression value) {
    encoding.compression(value);
    return this;
  }

  /**
   * Which format to write; 2 unless set.
   *
   * @param version 1 or 2
   */
  public CheckpointerBuilder formatVersion(int version) {
    encoding.formatVersion(version);
    return this;
  }

  /**
   * Bytes in a block; 64 KiB unless set. Version 2 only.
   *
   * @param bytes a power of two from 4,096 to 16,777,216
   */
  public CheckpointerBuilder blockSize(int bytes) {
    encoding.blockSize(bytes);
    return this;
  }

  /**
   * How blocks are fingerprinted; XXH3-128 unless set. Version 2 only.
   *
   * @param algorithm SHA-256 for state that untrusted parties influence
   */
  public CheckpointerBuilder fingerprints(FingerprintAlgorithm algorithm) {
    encoding.fingerprints(algorithm);
    return this;
  }

  /**
   * Limits and leniency in reading.
   *
   * @param options their setting of where ancestors are found is ignored: the engine finds them
   */
  public CheckpointerBuilder decoding(DecodeOptions options) {
    decoding = Objects.requireNonNull(options);
    return this;
  }

  /**
   * How many threads hash and compress; as many as there are processors unless set.
   *
   * @param threads at least 1
   */
  public CheckpointerBuilder parallelism(int threads) {
    ownCodec.parallelism(threads);
    return this;
  }

  /**
   * The most direct memory kept for encoding and decoding; 48 MiB unless set.
   *
   * @param bytes at least 0
   */
  public CheckpointerBuilder maxDirectBytes(long bytes) {
    ownCodec.maxDirectBytes(bytes);
    return this;
  }

  /**
   * The codecs that compress and decompress blocks; those that {@link java.util.ServiceLoader}
   * finds unless set.
   *
   * @param codecs for callers that name providers by hand
   */
  public CheckpointerBuilder codecs(CompressionCodecs codecs) {
    ownCodec.codecs(codecs);
    return this;
  }

  /**
   * Uses a codec that stays the caller's, instead of one of its own; {@link #parallelism}, {@link
   * #maxDirectBytes} and {@link #codecs} then have no effect.
   *
   * @param codec used until {@link Checkpointer#close}, which leaves it open
   */
  public CheckpointerBuilder codec(CheckpointCodec codec) {
    givenCodec = Objects.requireNonNull(codec);
    return this;
  }

  /**
   * How long a kernel may take to be captured, and again to run on after the capture was read; one
   * minute unless set.
   *
   * @param timeout longer than zero
   */
  public CheckpointerBuilder captureTimeout(Duration timeout) {
    if (timeout.isZero() || timeout.isNegative()) {
      throw new IllegalArgumentException(
          "timeout must be longer than zero, not " + Spans.words(timeout));
    }
    captureTimeout = timeout;
    return this;
  }

  /**
   * How long a save may give no sign of life before a collector may let go of its objects, after
   * which the save can't commit any more; two minutes unless set. A save gives three signs in that
   * time. A saver that is stopped for longer, with its machine or by a debugger, has to save again.
   *
   * @param value 100 milliseconds to one day
   */
  public CheckpointerBuilder lease(Duration value) {
    if (value.compareTo(Duration.ofMillis(100)) < 0
        || value.compareTo(PinRecord.LONGEST_LEASE) > 0) {
      throw new IllegalArgumentException(
          "lease must be 100 ms to one day, not " + Spans.words(value));
    }
    lease = value;
    return this;
  }

  /**
   * How long a kernel may stand still in every save whose request sets no budget of its own;
   * without a limit unless set.
   *
   * @param limit longer than zero
   * @param over what becomes of a save that is over it
   * @see SaveRequest#stallBudget
   */
  public CheckpointerBuilder stallBudget(Duration limit, OverBudget over) {
    stallBudget = new StallBudget(limit, over);
    return this;
  }

  /**
   * The most memory for copies of state that are made to keep a stall budget; 1 GiB unless set.
   * State that finds no room there is read from where it is. The memory is kept for the next copy.
   *
   * @param bytes at least 0
   */
  public CheckpointerBuilder maxShadowBytes(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes must be at least 0, not " + bytes);
    }
    shadowBytes = bytes;
    return this;
  }

  /**
   * The clock for times that people read; the system's clock unless set. It stamps groups, and
   * checkpoints without a created_at of their own. It gives the logical time of a group's cut where
   * no kernel's is later. A dry run of a collection takes it for the storage's time.
   *
   * @param value the clock
   */
  public CheckpointerBuilder clock(Clock value) {
    clock = Objects.requireNonNull(value);
    return this;
  }

  /**
   * When a save that could be a delta is a full one instead; {@link FullPolicy#defaults} unless
   * set.
   *
   * @param policy decides for saves whose base is {@link BaseChoice#automatic}
   */
  public CheckpointerBuilder fullPolicy(FullPolicy policy) {
    fullPolicy = Objects.requireNonNull(policy);
    return this;
  }

  /**
   * The most memory for the indexes that deltas are made against; 64 MiB unless set. An index takes
   * about 24 bytes for each block of a state. If a base's index alone would take more than the
   * limit, the save is a full one.
   *
   * @param bytes at least 0
   * @throws IllegalArgumentException when it is negative
   */
  public CheckpointerBuilder baseCacheBytes(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes must be at least 0, not " + bytes);
    }
    baseCacheBytes = bytes;
    return this;
  }

  /**
   * The checkpointer; the caller closes it. It reads and writes nothing before something is
   * subscribed to. On two tiers, however, it begins at once to copy, in the background, what an
   * earlier process left. If something can't be opened, what was opened before is closed again.
   *
   * <p>Storages and codecs are searched for here only, with the class loader of this library and
   * the context class loader of the calling thread.
   *
   * <p>With a {@linkplain #compression compression}, its codec is tried on the calling thread,
   * which may load a native library. So don't call this on a thread that must not block.
   *
   * @throws io.ringkernel.checkpoint.error.ProviderUnavailableException when it was given a URI and
   *     no storage of its scheme is installed
   * @throws io.ringkernel.checkpoint.error.CodecUnavailableException when {@link #compression}
   *     names a codec that is not installed
   * @throws io.ringkernel.checkpoint.error.InvalidOptionException when the URI or the compression's
   *     level is unusable
   */
  public Checkpointer build() {
    return new Checkpointer(this);
  }

  /** What encodes and decodes; refuses a compression that it can't do before anything is opened. */
  CheckpointCodec openCodec() {
    CheckpointCodec codec = givenCodec == null ? ownCodec.build() : givenCodec;
    try {
      codec.requireUsable(encoding.build().compression());
      return codec;
    } catch (RuntimeException e) {
      if (givenCodec == null) {
        codec.close();
      }
      throw e;
    }
  }
}
