package io.ringkernel.checkpoint.format;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DetachedThreads;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.format.v1.Version1Reader;
import io.ringkernel.checkpoint.format.v1.Version1Writer;
import io.ringkernel.checkpoint.format.v2.Version2Reader;
import io.ringkernel.checkpoint.format.v2.Version2Writer;
import io.ringkernel.checkpoint.format.wire.CompressionLevel;
import io.ringkernel.checkpoint.format.wire.FilePrefix;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * An encoder and decoder that turns checkpoints into bytes and back, without a storage.
 *
 * <p>It owns a bounded scheduler for hashing and compressing and a bounded pool of direct memory;
 * {@link #close} releases both. Safe for any number of threads. Nothing happens before
 * subscription, every subscription is a new attempt, and memory is bounded whatever the size of the
 * state.
 */
public final class CheckpointCodec implements AutoCloseable {
  private final Workbench workbench;

  private CheckpointCodec(Builder built) {
    CompressionCodecs codecs = built.codecs;
    this.workbench =
        new Workbench(
            DetachedThreads.parallel("rkcp-codec", built.parallelism),
            built.parallelism,
            new BufferPool(Workbench.BATCH_BYTES + Workbench.BATCH_OVERHEAD, built.maxDirectBytes),
            codecs == null ? CompressionCodecs.installed() : codecs);
  }

  /** A codec with as many threads as there are processors and the codecs that are installed. */
  public static CheckpointCodec create() {
    return builder().build();
  }

  /** Starts from the defaults of {@link #create}. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Writes a checkpoint.
   *
   * <p>What the format can't hold is refused before the first byte. The checkpoint stays the
   * caller's and must not be closed before the bytes have ended; it is read twice for version 1.
   * Each buffer belongs to the subscriber; bytes of uncompressed host memory are passed on without
   * a copy.
   *
   * @param checkpoint what to write
   * @param options how
   * @return the file's bytes in order, as demanded
   */
  public Flux<OwnedBuffer> encode(Checkpoint checkpoint, EncodeOptions options) {
    return encode(checkpoint, options, file -> {});
  }

  /**
   * Writes a checkpoint and reports what was written.
   *
   * @param checkpoint what to write
   * @param options how
   * @param written called just before the bytes complete, once for each attempt that gets so far;
   *     must not block
   * @return the file's bytes in order, as demanded
   * @see #encode(Checkpoint, EncodeOptions)
   */
  public Flux<OwnedBuffer> encode(
      Checkpoint checkpoint, EncodeOptions options, Consumer<EncodedFile> written) {
    return options.formatVersion() == 1
        ? Version1Writer.encode(checkpoint, options, workbench, written)
        : Version2Writer.encode(checkpoint, options, workbench, written);
  }

  /**
   * Reads a checkpoint from a whole file's bytes, wherever they are.
   *
   * @param file the bytes; {@code ChunkContent.of(buffer)} for those in memory
   * @param options limits and leniency
   * @return the checkpoint, whose contents read from {@code file} when asked; the caller closes it
   */
  public Mono<Checkpoint> decode(ChunkContent file, DecodeOptions options) {
    return open(file, options).map(opened -> opened.checkpoint(() -> {}));
  }

  /**
   * Opens a file of either version.
   *
   * @param file the bytes, which must not change while it is used
   * @param options limits and leniency
   * @return the file; {@link io.ringkernel.checkpoint.error.CorruptCheckpointException}, {@link
   *     io.ringkernel.checkpoint.error.UnsupportedVersionException} or {@link
   *     io.ringkernel.checkpoint.error.LimitExceededException} when it can't be read
   */
  public Mono<CheckpointFile> open(ChunkContent file, DecodeOptions options) {
    return FilePrefix.version(file)
        .flatMap(
            version ->
                version == 1
                    ? Version1Reader.open(file, options, workbench)
                    : Version2Reader.open(file, options, workbench));
  }

  /**
   * Reads only header and metadata of a file of either version, a few KiB at its beginning. In
   * version 1 nothing verifies that they are whole.
   *
   * @param file the bytes, at least the beginning of a file
   * @param options limits and leniency
   */
  public Mono<CheckpointMetadata> readMetadata(ChunkContent file, DecodeOptions options) {
    return FilePrefix.version(file)
        .flatMap(
            version ->
                version == 1
                    ? Version1Reader.readMetadata(file, options)
                    : Version2Reader.readMetadata(file, options));
  }

  /**
   * Checks that there is a codec for a compression and that it has the level. It is for callers
   * that get the compression long before the first byte is written. It may load a native library,
   * which blocks.
   *
   * @param compression codec and level
   * @throws io.ringkernel.checkpoint.error.CodecUnavailableException when there is no such codec,
   *     or it can't be used
   * @throws io.ringkernel.checkpoint.error.InvalidOptionException when it has no such level
   */
  public void requireUsable(Compression compression) {
    if (!compression.isNone()) {
      int unused =
          CompressionLevel.of(
              compression, workbench.codecNow(installed -> installed.byName(compression.codec())));
    }
  }

  /**
   * Releases threads and memory; work under way fails. Idempotent. On a Reactor thread that must
   * not block, it returns before the threads have ended. Buffers that are lent out are dropped when
   * they are closed.
   */
  @Override
  public void close() {
    workbench.dispose();
  }

  /** Makes a {@link CheckpointCodec}; not safe for several threads. */
  public static final class Builder {
    private int parallelism = Runtime.getRuntime().availableProcessors();
    private long maxDirectBytes = 48L << 20;
    private @Nullable CompressionCodecs codecs;

    private Builder() {}

    /**
     * How many threads hash and compress.
     *
     * @param threads at least 1
     */
    public Builder parallelism(int threads) {
      if (threads < 1) {
        throw new IllegalArgumentException("parallelism must be at least 1, not " + threads);
      }
      parallelism = threads;
      return this;
    }

    /**
     * The most direct memory kept; past it, heap memory is used.
     *
     * @param bytes at least 0
     */
    public Builder maxDirectBytes(long bytes) {
      maxDirectBytes = bytes;
      return this;
    }

    /**
     * Which compression codecs to use, instead of those that are installed.
     *
     * @param value the codecs
     */
    public Builder codecs(CompressionCodecs value) {
      codecs = Objects.requireNonNull(value);
      return this;
    }

    /** The codec; the caller closes it. */
    public CheckpointCodec build() {
      return new CheckpointCodec(this);
    }
  }
}
