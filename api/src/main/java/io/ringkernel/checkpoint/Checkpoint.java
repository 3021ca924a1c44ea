package io.ringkernel.checkpoint;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The state of a kernel at one moment: metadata and chunks, in order.
 *
 * <p>It is stable until it is closed. Closing releases what it was captured into (a shadow, a pool,
 * an open object) and lets a kernel that still stands still run on; a content read after that fails
 * or is undefined. Whoever receives one closes it, also when dropping it on cancellation.
 */
public final class Checkpoint implements AutoCloseable {
  private final CheckpointMetadata metadata;
  private final List<DataChunk> chunks;
  private final @Nullable CaptureReport capture;
  private final AtomicReference<@Nullable Runnable> onClose;

  Checkpoint(
      CheckpointMetadata metadata,
      List<DataChunk> chunks,
      @Nullable CaptureReport capture,
      @Nullable Runnable onClose) {
    this.metadata = metadata;
    this.chunks = List.copyOf(chunks);
    this.capture = capture;
    this.onClose = new AtomicReference<>(onClose);
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
    return new Checkpoint(metadata, chunks, null, onClose);
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

  /** What taking it cost the kernel, when it was captured and not read. */
  public Optional<CaptureReport> capture() {
    return Optional.ofNullable(capture);
  }

  /** Releases what the contents stand on; idempotent. */
  @Override
  public void close() {
    Runnable once = onClose.getAndSet(null);
    if (once != null) {
      once.run();
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
