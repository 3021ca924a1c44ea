package io.ringkernel.checkpoint;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.internal.Messages;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The state of a kernel at one moment: metadata and chunks, in order.
 *
 * <p>It is stable until it is closed. Closing releases what it was captured into (a shadow, a pool,
 * an open object), and lets the kernel run on if it still stands still. A content read after that
 * fails or is undefined. Whoever receives a checkpoint closes it, also when dropping it on
 * cancellation.
 *
 * <p>There are two ways to close: {@link #close} does not wait, and {@link #release} tells when the
 * kernel runs on, or that it does not. For a kernel that is captured straight, only {@link
 * #release} tells the caller if the kernel stands still for ever.
 */
public final class Checkpoint implements AutoCloseable {
  private final CheckpointMetadata metadata;
  private final List<DataChunk> chunks;
  private final @Nullable CaptureReport capture;
  private final AtomicBoolean closing = new AtomicBoolean();

  /** Remembered, so that it is done once, to its end, whoever asks for it. */
  private final Mono<Void> released;

  Checkpoint(
      CheckpointMetadata metadata,
      List<DataChunk> chunks,
      @Nullable CaptureReport capture,
      Mono<Void> onRelease) {
    this.metadata = metadata;
    this.chunks = List.copyOf(chunks);
    this.capture = capture;
    this.released = onRelease.onErrorMap(this::unreleased).cache();
  }

  private CheckpointException unreleased(Throwable error) {
    return error instanceof CheckpointException known
        ? known
        : new KernelException(
            metadata.kernelId(),
            KernelException.Phase.RESUME,
            "its checkpoint could not be released: " + Messages.of(error),
            error);
  }

  /**
   * Starts a checkpoint for a kernel's author: it refuses two regions of one id.
   *
   * @param metadata what it is of
   */
  public static CheckpointBuilder builder(CheckpointMetadata metadata) {
    return new CheckpointBuilder(metadata);
  }

  /**
   * A checkpoint of exactly these chunks, duplicates and all: for decoders.
   *
   * @param metadata what it is of
   * @param chunks in order
   * @param onClose run once, by the first {@link #close}; must not block
   */
  public static Checkpoint of(
      CheckpointMetadata metadata, List<DataChunk> chunks, Runnable onClose) {
    return new Checkpoint(metadata, chunks, null, Mono.fromRunnable(onClose));
  }

  /** What this is a checkpoint of. */
  public CheckpointMetadata metadata() {
    return metadata;
  }

  /** All chunks, in order; immutable. */
  public List<DataChunk> chunks() {
    return chunks;
  }

  /**
   * The first chunk of a type.
   *
   * @param type which
   */
  public Optional<DataChunk> chunk(ChunkType type) {
    return chunks.stream().filter(chunk -> chunk.type().equals(type)).findFirst();
  }

  /**
   * All chunks of a type, in order.
   *
   * @param type which
   */
  public List<DataChunk> chunks(ChunkType type) {
    return chunks.stream().filter(chunk -> chunk.type().equals(type)).toList();
  }

  /**
   * The first region of device memory with this name, found by the name's id, so that files which
   * keep no names answer as well.
   *
   * @param name any text without a lone surrogate
   */
  public Optional<DataChunk> region(String name) {
    long id = DataChunk.regionId(name);
    return chunks.stream()
        .filter(chunk -> chunk.type().equals(ChunkType.DEVICE_MEMORY) && chunk.id() == id)
        .findFirst();
  }

  /** Bytes of state: the sum of the chunks' sizes. */
  public long size() {
    return chunks.stream().mapToLong(DataChunk::size).reduce(0, Math::addExact);
  }

  /** What taking it cost the kernel; empty when it was read and not captured. */
  public Optional<CaptureReport> capture() {
    return Optional.ofNullable(capture);
  }

  /**
   * Closes it, as {@link #close} does, and waits until that is done.
   *
   * <p>However often this is subscribed to, before or after a {@link #close}, it is done once, and
   * all subscribers get the same result. A subscriber that cancels, or gives up waiting, ends only
   * its own waiting. There is no time limit here; the kernel's adapter may have one.
   *
   * @return completes when everything is released and the kernel runs on; {@link KernelException}
   *     of phase {@link KernelException.Phase#RESUME} when it does not, or another {@link
   *     CheckpointException} that says why, for example that its device is lost
   */
  public Mono<Void> release() {
    return Mono.defer(
        () -> {
          closing.set(true);
          return released;
        });
  }

  /**
   * Releases what the contents depend on, and waits for nothing; idempotent. A failure is reported
   * by {@link #release} and, if this came first, to Reactor's log.
   */
  @Override
  public void close() {
    if (closing.compareAndSet(false, true)) {
      released.subscribe();
    }
  }

  @Override
  public String toString() {
    return "checkpoint of '"
        + metadata.kernelId()
        + "' at step "
        + Long.toUnsignedString(metadata.step())
        + ": "
        + chunks.size()
        + " chunks, "
        + size()
        + " bytes";
  }
}
