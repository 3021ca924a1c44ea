package io.ringkernel.checkpoint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Makes a {@link Checkpoint} from a kernel's state, chunk after chunk; their order is kept. Not
 * safe for several threads.
 */
public final class CheckpointBuilder {
  private final CheckpointMetadata metadata;
  private final List<DataChunk> chunks = new ArrayList<>();
  private final Map<Long, DataChunk> regions = new HashMap<>();
  private @Nullable CaptureReport capture;
  private Mono<Void> onRelease = Mono.empty();

  CheckpointBuilder(CheckpointMetadata metadata) {
    this.metadata = metadata;
  }

  /**
   * The kernel's control block.
   *
   * @param content its bytes
   */
  public CheckpointBuilder controlBlock(ChunkContent content) {
    return chunk(DataChunk.of(ChunkType.CONTROL_BLOCK, 0, content));
  }

  /**
   * Messages from host to kernel.
   *
   * @param content their bytes
   */
  public CheckpointBuilder h2kQueue(ChunkContent content) {
    return chunk(DataChunk.of(ChunkType.H2K_QUEUE, 0, content));
  }

  /**
   * Messages from kernel to host.
   *
   * @param content their bytes
   */
  public CheckpointBuilder k2hQueue(ChunkContent content) {
    return chunk(DataChunk.of(ChunkType.K2H_QUEUE, 0, content));
  }

  /**
   * The kernel's hybrid logical clock.
   *
   * @param content its bytes
   */
  public CheckpointBuilder hlcState(ChunkContent content) {
    return chunk(DataChunk.of(ChunkType.HLC_STATE, 0, content));
  }

  /**
   * A named region of device memory.
   *
   * @param name distinguishes it from the others
   * @param content its bytes
   * @throws IllegalArgumentException when there is a region of this name, or of a name with the
   *     same id
   */
  public CheckpointBuilder deviceMemory(String name, ChunkContent content) {
    return chunk(DataChunk.region(name, content));
  }

  /**
   * Routes between kernels.
   *
   * @param content their bytes
   */
  public CheckpointBuilder k2kRouting(ChunkContent content) {
    return chunk(DataChunk.of(ChunkType.K2K_ROUTING, 0, content));
  }

  /**
   * Halo exchange buffers.
   *
   * @param content their bytes
   */
  public CheckpointBuilder haloBuffers(ChunkContent content) {
    return chunk(DataChunk.of(ChunkType.HALO_BUFFERS, 0, content));
  }

  /**
   * Counters and gauges.
   *
   * @param content their bytes
   */
  public CheckpointBuilder telemetry(ChunkContent content) {
    return chunk(DataChunk.of(ChunkType.TELEMETRY, 0, content));
  }

  /**
   * State of the application's own.
   *
   * @param id distinguishes it from others of its type; unsigned
   * @param content its bytes
   */
  public CheckpointBuilder custom(long id, ChunkContent content) {
    return chunk(DataChunk.of(ChunkType.CUSTOM, id, content));
  }

  /**
   * Any chunk, for types, ids, flags and fingerprints that the other methods don't cover.
   *
   * @param chunk what to add
   * @throws IllegalArgumentException when it is a region and there is one of its id
   */
  public CheckpointBuilder chunk(DataChunk chunk) {
    if (chunk.type().equals(ChunkType.DEVICE_MEMORY)) {
      DataChunk other = regions.putIfAbsent(chunk.id(), chunk);
      if (other != null) {
        throw new IllegalArgumentException(
            "two regions with id "
                + Long.toHexString(chunk.id())
                + ": "
                + other
                + " and "
                + chunk
                + "; rename one of them");
      }
    }
    chunks.add(chunk);
    return this;
  }

  /**
   * What taking the state cost the kernel.
   *
   * @param report measured by whoever captured
   */
  public CheckpointBuilder capture(CaptureReport report) {
    capture = report;
    return this;
  }

  /**
   * What to do when the checkpoint is closed, if it is done at once: give a shadow back, for
   * example. It replaces an {@link #onRelease}.
   *
   * @param action run once; must not block
   */
  public CheckpointBuilder onClose(Runnable action) {
    return onRelease(Mono.fromRunnable(action));
  }

  /**
   * What to do when the checkpoint is closed, if it takes time or may fail: let the kernel run on.
   * It replaces an {@link #onClose}.
   *
   * @param release subscribed to once, by whoever closes first, and never cancelled; completes when
   *     the kernel runs on. It should end in bounded time: a save waits for it as long as for a
   *     capture. It fails with a {@link io.ringkernel.checkpoint.error.KernelException} of phase
   *     {@code RESUME} if the kernel does not run on; an error that is not of this library becomes
   *     the cause of one
   */
  public CheckpointBuilder onRelease(Mono<Void> release) {
    onRelease = release;
    return this;
  }

  /** The checkpoint; the caller closes it. */
  public Checkpoint build() {
    return new Checkpoint(metadata, chunks, capture, onRelease);
  }
}
