package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.format.BlockLocation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The raw bytes of a batch's blocks: windows on host memory where the content has them, else read
 * into memory of our own, each block behind room for its local header, so that blocks stored as
 * they are leave as one piece. A block that the references resolve by the fingerprint its chunk
 * brings is settled here and not read at all.
 */
final class BatchInput implements AutoCloseable {
  /**
   * One block.
   *
   * @param range where it belongs
   * @param inRange its number there
   * @param bytes its raw bytes
   * @param slot where in {@link #memory} the room for its local header begins; -1 when its bytes
   *     are a window
   */
  record Block(BlockRange range, int inRange, ByteBuffer bytes, int slot) {}

  /** Consecutive blocks to read. */
  private record Read(ChunkBlocks chunk, long first, List<ByteBuffer> targets) {
    boolean goesOnAt(ChunkBlocks other, long block) {
      return chunk == other && block == first + targets.size();
    }
  }

  private static final int WINDOW = -1;

  private final List<BlockRange> ranges;
  private final EncodeSettings settings;
  private final List<Block> blocks;
  private final List<Read> reads = new ArrayList<>();
  private @Nullable SharedMemory memory;
  private int slot;

  BatchInput(List<BlockRange> ranges, EncodeSettings settings) {
    this.ranges = ranges;
    this.settings = settings;
    this.blocks = new ArrayList<>(ranges.stream().mapToInt(BlockRange::count).sum());
  }

  /** Finds what has windows, and what must be read. */
  void prepare() {
    for (BlockRange range : ranges) {
      for (int i = 0; i < range.count(); i++) {
        if (!resolve(range, i)) {
          add(range, i);
        }
      }
    }
  }

  /** The most bytes that these blocks take with their local headers. */
  static int capacity(List<BlockRange> ranges) {
    long bytes = 0;
    for (BlockRange range : ranges) {
      bytes += range.chunk().bytes(range.block(0), range.count());
      bytes += (long) range.count() * Layout.LOCAL_HEADER_SIZE;
    }
    return Math.toIntExact(bytes);
  }

  /** The blocks that are not settled yet, in order. */
  List<Block> blocks() {
    return blocks;
  }

  /** What blocks without a window are in; null when there are none. */
  @Nullable SharedMemory memory() {
    return memory;
  }

  /** Whether all bytes are here without {@link #read}. */
  boolean isComplete() {
    return reads.isEmpty();
  }

  /**
   * Reads what has no window, one request for each run of consecutive blocks.
   *
   * @param wanted asked before each request; false ends it
   */
  Mono<Void> read(BooleanSupplier wanted) {
    return Flux.fromIterable(reads)
        .takeWhile(read -> wanted.getAsBoolean())
        .concatMap(this::read, 1)
        .then();
  }

  /** Lets go of the memory; only when nothing reads into it any more. */
  @Override
  public void close() {
    if (memory != null) {
      memory.release();
      memory = null;
    }
  }

  /** Settles a block that is known without its bytes, and stored elsewhere. */
  private boolean resolve(BlockRange range, int i) {
    BlockFingerprints brought = range.chunk().brought();
    BlockLocation found;
    if (brought != null) {
      int block = (int) range.block(i);
      brought.copyTo(block, range.fingerprints(), range.fingerprintAt(i));
      found = range.chunk().mayDiffer(block) ? null : settings.find(range, i);
    } else {
      found = range.chunk().isSaidUnchanged(range.block(i)) ? settings.unchanged(range, i) : null;
    }
    if (found == null) {
      return false;
    }
    range.settle(i, found);
    return true;
  }

  private void add(BlockRange range, int i) {
    ChunkBlocks chunk = range.chunk();
    long block = range.block(i);
    int length = chunk.length(block);
    ByteBuffer window = chunk.content().view(chunk.offset(block), length);
    // A shorter window ends with a segment of memory, and the block goes on in the next one.
    if (window != null && window.remaining() == length) {
      blocks.add(new Block(range, i, window, WINDOW));
      return;
    }
    if (memory == null) {
      memory = SharedMemory.acquire(capacity(ranges), settings.workbench());
    }
    ByteBuffer target = memory.bytes().slice(slot + Layout.LOCAL_HEADER_SIZE, length);
    blocks.add(new Block(range, i, target, slot));
    slot += Layout.LOCAL_HEADER_SIZE + length;
    Read last = reads.isEmpty() ? null : reads.get(reads.size() - 1);
    if (last == null || !last.goesOnAt(chunk, block)) {
      last = new Read(chunk, block, new ArrayList<>());
      reads.add(last);
    }
    last.targets.add(target.duplicate());
  }

  private Mono<Long> read(Read read) {
    long wanted = read.chunk.bytes(read.first, read.targets.size());
    long offset = read.chunk.offset(read.first);
    return read.chunk
        .content()
        .read(offset, read.targets)
        .defaultIfEmpty(0L)
        .doOnNext(
            got -> {
              if (got != wanted) {
                throw tooFew(read.chunk, offset, got, wanted);
              }
            });
  }

  private KernelException tooFew(ChunkBlocks chunk, long offset, long got, long wanted) {
    return new KernelException(
        settings.kernelId(),
        KernelException.Phase.CAPTURE,
        String.format(
            "the content of %s gave %d of %d bytes at offset %d: it must give as many as its size"
                + " says until the checkpoint is closed",
            chunk, got, wanted, offset),
        null);
  }
}
