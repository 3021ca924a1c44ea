package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.ChangedBlocks;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
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
    Mono<Checkpoint> copy =
        Mono.usingWhen(
            Mono.fromCallable(() -> memory.acquire(checkpoint.size()))
                .subscribeOn(HostMemory.THREAD)
                .map(shadow -> new Copying(checkpoint, shadow)),
            Copying::run,
            done -> Mono.empty(),
            (failed, error) -> failed.abort(),
            Copying::abort);
    return Mono.defer(() -> Handover.of(copy, Checkpoint::close));
  }

  /** One copy; memory that is still being written to is not given back. */
  private static final class Copying {
    private final Checkpoint from;
    private final Shadow shadow;
    private final List<DataChunk> chunks = new ArrayList<>();
    private final Mono<Void> transfers;
    private volatile boolean over;

    Copying(Checkpoint from, Shadow shadow) {
      this.from = from;
      this.shadow = shadow;
      List<Transfer> all = new ArrayList<>();
      ChunkContent memory = shadow.content();
      long at = 0;
      for (DataChunk chunk : from.chunks()) {
        ChunkContent aside = memory.slice(at, chunk.size());
        at += chunk.size();
        addTransfers(all, chunk, aside);
        chunks.add(withContent(chunk, aside));
      }
      // Remembered, so that it can be waited for when nobody else does any more.
      transfers =
          Flux.fromIterable(all)
              .takeWhile(next -> !over)
              .flatMap(Transfer::run, TRANSFERS_AT_ONCE)
              .then()
              .cache();
    }

    Mono<Checkpoint> run() {
      return transfers
          .then(fingerprints(from.chunks(), chunks))
          .map(done -> Checkpoint.of(from.metadata(), done, shadow::release));
    }

    Mono<Void> abort() {
      over = true;
      return transfers.onErrorComplete().then(Mono.fromRunnable(shadow::release));
    }
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
