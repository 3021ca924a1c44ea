package io.ringkernel.checkpoint.format.v2;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One read of a range of a chunk into its caller's memory.
 *
 * <p>It ends when the last transfer under way has ended, also after a failure: from then on nothing
 * touches the memory any more.
 */
final class TargetFill {
  /**
   * Index pages whose blocks are planned together: the more, the more of one ancestor's blocks go
   * into a request. As blocks they take some MiB of memory at most.
   */
  static final int PAGES_AT_ONCE = 4;

  /** Transfers whose files are being opened before their turn: ancestors are, one by one, far. */
  private static final int OPENED_AHEAD = 16;

  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(64 << 10).asReadOnlyBuffer();

  private final BlockReader reader;
  private final long chunkSize;
  private final long offset;
  private final ByteBuffer target;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /**
   * @param chunkSize raw bytes of the chunk
   * @param offset of the range in the chunk
   * @param target from 0 to its limit, which must be within the chunk
   */
  TargetFill(BlockReader reader, long chunkSize, long offset, ByteBuffer target) {
    this.reader = reader;
    this.chunkSize = chunkSize;
    this.offset = offset;
    this.target = target;
  }

  /**
   * Fills the target.
   *
   * @param pages that describe the range, in order, each on a worker
   */
  Mono<Void> from(Flux<IndexPage> pages) {
    return pages
        .buffer(PAGES_AT_ONCE)
        .concatMapIterable(this::plan, 1)
        .flatMapSequential(this::open, OPENED_AHEAD, 1)
        .onErrorComplete(this::keep)
        .flatMap(this::run, reader.concurrency(), 1)
        .then(Mono.defer(this::verdict));
  }

  private Iterable<Transfer> plan(List<IndexPage> pages) {
    ReadPlan plan =
        ReadPlan.ofRange(pages, chunkSize, reader.blockSize(), offset, target.remaining());
    plan.zeros().forEach(this::clear);
    return plan.transfers();
  }

  private void clear(ReadPlan.Zeros zeros) {
    int at = (int) zeros.targetAt();
    int end = at + (int) zeros.length();
    while (at < end) {
      int length = Math.min(ZEROS.capacity(), end - at);
      target.put(at, ZEROS, 0, length);
      at += length;
    }
  }

  private record Opened(Transfer transfer, BlockSource source) {}

  private Mono<Opened> open(Transfer transfer) {
    return reader.source(transfer).map(source -> new Opened(transfer, source));
  }

  private Mono<Void> run(Opened opened) {
    return failure.get() == null
        ? reader.run(opened.transfer(), opened.source(), target).onErrorComplete(this::keep)
        : Mono.empty();
  }

  /** The first failure is told; what fails after it mostly does so for the same reason. */
  private boolean keep(Throwable found) {
    failure.compareAndSet(null, found);
    return true;
  }

  private Mono<Void> verdict() {
    Throwable found = failure.get();
    return found == null ? Mono.empty() : Mono.error(found);
  }
}
