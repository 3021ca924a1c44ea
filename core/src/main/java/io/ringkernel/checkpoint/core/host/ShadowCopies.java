package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.ChangedBlocks;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.Delivery;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Copies captured state aside, so that its kernel need not stand still while it is stored. Its
 * memory is kept between copies, and bounded over all that are open.
 */
public final class ShadowCopies {
  private static final int TRANSFER = 4 << 20;
  private static final int TRANSFERS_AT_ONCE =
      Math.max(2, Runtime.getRuntime().availableProcessors());

  private record Transfer(ChunkContent from, long offset, ByteBuffer to) {
    Mono<Integer> run() {
      return from.read(offset, to).subscribeOn(HostMemory.THREAD);
    }
  }

  private final ShadowMemory memory;

  /**
   * @param limit the most bytes of state in all open copies
   */
  public ShadowCopies(long limit) {
    memory = new ShadowMemory(limit);
  }

  /**
   * A copy of a checkpoint's contents and fingerprints; of chunks whose changes are known only the
   * changed blocks.
   *
   * @param checkpoint stays the caller's
   * @return the copy, which the caller closes; empty when there is no room for it
   */
  public Mono<Checkpoint> copy(Checkpoint checkpoint) {
    return Delivery.of(cancellation -> copy(checkpoint, cancellation), Checkpoint::close);
  }

  /** To be left to run to its end: memory that is being written to is not given back. */
  private Mono<Checkpoint> copy(Checkpoint checkpoint, Cancellation cancellation) {
    return Mono.fromCallable(() -> memory.acquire(checkpoint.size()))
        .subscribeOn(HostMemory.THREAD)
        .flatMap(shadow -> copy(checkpoint, shadow, cancellation).doOnError(e -> shadow.release()));
  }

  private static Mono<Checkpoint> copy(Checkpoint from, Shadow shadow, Cancellation cancellation) {
    List<DataChunk> chunks = new ArrayList<>();
    List<Transfer> transfers = new ArrayList<>();
    for (DataChunk chunk : from.chunks()) {
      ChunkContent aside = shadow.next(chunk.size());
      addTransfers(transfers, chunk, aside);
      chunks.add(withContent(chunk, aside));
    }
    // After a failure, or when nobody waits any more, only what has begun is waited for.
    return Flux.fromIterable(transfers)
        .takeWhile(next -> !cancellation.isWished())
        .flatMapDelayError(
            next -> next.run().doOnError(e -> cancellation.cancel()), TRANSFERS_AT_ONCE, 1)
        .then()
        .onErrorMap(FirstFailure::in)
        .then(fingerprints(from.chunks(), chunks))
        .map(done -> Checkpoint.of(from.metadata(), done, shadow::release));
  }

  private static DataChunk withContent(DataChunk chunk, ChunkContent content) {
    DataChunk copy = chunk.withContent(content);
    return chunk.changedBlocks().map(copy::withChangedBlocks).orElse(copy);
  }

  /** They may be computed from what is about to be closed, so they are fetched now. */
  private static Mono<List<DataChunk>> fingerprints(List<DataChunk> from, List<DataChunk> to) {
    return Flux.range(0, from.size())
        .concatMap(
            i ->
                from.get(i)
                    .fingerprints()
                    .map(Optional::of)
                    .defaultIfEmpty(Optional.<BlockFingerprints>empty())
                    .map(
                        values ->
                            values
                                .map(known -> to.get(i).withFingerprints(Mono.just(known)))
                                .orElse(to.get(i))))
        .collectList();
  }

  private static void addTransfers(List<Transfer> transfers, DataChunk chunk, ChunkContent aside) {
    ChangedBlocks changed = chunk.changedBlocks().orElse(null);
    if (changed == null) {
      addTransfers(transfers, chunk.content(), aside, 0, chunk.size());
      return;
    }
    long size = chunk.size();
    int block = 0;
    for (long at = 0; at < size; at += changed.blockSize()) {
      if (changed.isChanged(block)) {
        long length = Math.min(changed.blockSize(), size - at);
        addTransfers(transfers, chunk.content(), aside, at, length);
      }
      block++;
    }
  }

  private static void addTransfers(
      List<Transfer> transfers, ChunkContent from, ChunkContent aside, long start, long length) {
    long end = start + length;
    for (long at = start; at < end; ) {
      // Memory of our own, which is why it may be written to.
      ByteBuffer to = Objects.requireNonNull(aside.view(at, (int) Math.min(TRANSFER, end - at)));
      int part = to.remaining();
      transfers.add(new Transfer(from, at, to.slice()));
      at += part;
    }
  }
}
