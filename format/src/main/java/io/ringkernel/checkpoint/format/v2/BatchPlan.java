package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.util.context.ContextView;

/**
 * Cuts chunks into batches: consecutive blocks, of several chunks when these are small, so that ten
 * thousand little chunks are a few tasks and not ten thousand.
 *
 * <p>Used by one thread at a time. What a chunk brings of fingerprints is asked for when its turn
 * comes, so that those of one chunk are held and not all.
 */
final class BatchPlan {
  private static final int MAX_BLOCKS = Workbench.BATCH_OVERHEAD / Layout.LOCAL_HEADER_SIZE;

  private final List<DataChunk> chunks;
  private final EncodeSettings settings;
  private final ContextView context;
  private final Runnable ready;
  private final Consumer<Throwable> failed;
  private final Disposable.Swap loading = Disposables.swap();

  private int nextChunk;
  private @Nullable ChunkBlocks current;
  private long nextBlock;

  /** The chunk that was asked for its fingerprints, until it becomes the current one. */
  private volatile @Nullable ChunkBlocks loaded;

  private boolean isLoading;

  /**
   * @param context for what the chunks bring
   * @param ready told when {@link #next} is worth another try
   * @param failed told when a chunk can't bring what it should
   */
  BatchPlan(
      List<DataChunk> chunks,
      EncodeSettings settings,
      ContextView context,
      Runnable ready,
      Consumer<Throwable> failed) {
    this.chunks = chunks;
    this.settings = settings;
    this.context = context;
    this.ready = ready;
    this.failed = failed;
  }

  /** Whether {@link #next} has given all. */
  boolean isExhausted() {
    return nextChunk == chunks.size() && current == null && !isLoading;
  }

  /** The next batch; null when there is none, or none yet. */
  @Nullable List<BlockRange> next() {
    List<BlockRange> batch = new ArrayList<>();
    long room = settings.batchBytes();
    int blocks = MAX_BLOCKS;
    for (ChunkBlocks chunk = chunk(); chunk != null; chunk = chunk()) {
      BlockRange range = take(chunk, room, blocks);
      if (range == null) {
        break;
      }
      batch.add(range);
      blocks -= range.count();
      room -= chunk.bytes(range.block(0), range.count());
    }
    return batch.isEmpty() ? null : batch;
  }

  /** No further chunk is asked for. */
  void stop() {
    loading.dispose();
  }

  /** The next blocks of the current chunk, as many as there is room for. */
  private @Nullable BlockRange take(ChunkBlocks chunk, long room, int blocks) {
    int count = (int) Math.min(blocks, chunk.count() - nextBlock);
    if (chunk.bytes(nextBlock, count) > room) {
      count = (int) (room / settings.blockSize());
    }
    if (count == 0) {
      return null;
    }
    BlockRange range = new BlockRange(chunk, nextBlock, count, settings.algorithm());
    nextBlock += count;
    return range;
  }

  /** The chunk with the next block; null when there is none, or it is still being asked. */
  private @Nullable ChunkBlocks chunk() {
    while (current == null || nextBlock == current.count()) {
      current = null;
      if (!isLoading) {
        if (nextChunk == chunks.size()) {
          return null;
        }
        load(nextChunk++);
      }
      ChunkBlocks next = loaded;
      if (next == null) {
        return null;
      }
      isLoading = false;
      loaded = null;
      current = next;
      nextBlock = 0;
    }
    return current;
  }

  private void load(int index) {
    isLoading = true;
    DataChunk chunk = chunks.get(index);
    loading.update(
        chunk
            .fingerprints()
            .map(Optional::of)
            .defaultIfEmpty(Optional.empty())
            .map(fingerprints -> new ChunkBlocks(index, chunk, fingerprints, settings))
            .contextWrite(context)
            .subscribe(
                blocks -> {
                  loaded = blocks;
                  ready.run();
                },
                failed));
  }
}
