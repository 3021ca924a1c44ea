package io.ringkernel.checkpoint.core;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import io.ringkernel.checkpoint.DetachedThreads;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.ContextView;

/**
 * The block indexes that saves are compared with, by object id, in a cache that is bounded by the
 * bytes they take. One that is not there is read once for all who ask meanwhile; one of them who
 * loses interest does not disturb the others. What could not be read is asked for anew next time.
 */
final class BaseIndexes {
  /** Caffeine counts weights in 31 bits. */
  private static final int BYTES_PER_UNIT = 1 << 10;

  private final AsyncCache<ObjectId, BlockIndex> cache;
  private final long maxBytes;
  private final Function<StoredFile, Mono<BlockIndex>> read;
  private final Disposable.Composite loads = Disposables.composite();

  /** The cache's own locks are taken here, never on a thread that must not wait. */
  private final Scheduler thread = DetachedThreads.bounded("rkcp-bases", 1);

  /**
   * @param maxBytes that all indexes may take
   * @param read gets an object's index from the storage
   */
  BaseIndexes(long maxBytes, Function<StoredFile, Mono<BlockIndex>> read) {
    this.maxBytes = maxBytes;
    this.read = read;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes / BYTES_PER_UNIT)
            .<ObjectId, BlockIndex>weigher((id, index) -> weigh(index))
            .executor(this::keepUp)
            .recordStats()
            .buildAsync();
  }

  private static int weigh(BlockIndex index) {
    return (int) Math.min(Integer.MAX_VALUE, 1 + index.weight() / BYTES_PER_UNIT);
  }

  /** The most that one index may take. */
  long maxWeight() {
    return maxBytes;
  }

  /**
   * The index of an object, remembered or read.
   *
   * @return {@link LimitExceededException} when it alone would be more than the cache may hold; the
   *     errors of reading it
   */
  Mono<BlockIndex> get(StoredFile file) {
    return Mono.deferContextual(asker -> cached(file, asker)).subscribeOn(thread);
  }

  private Mono<BlockIndex> cached(StoredFile file, ContextView asker) {
    CompletableFuture<BlockIndex> cached =
        cache.get(
            file.objectId(),
            (id, executor) -> new Load(read.apply(file).contextWrite(asker), loads));
    return cached instanceof Load load
        ? Mono.fromFuture(load.outcome, true).dematerialize()
        : Mono.fromFuture(cached, true);
  }

  /**
   * An index that is being read, as the cache sees it. Of a failure the cache sees that there is
   * nothing, forgets it, and counts it; an error it would log, though those who asked report it.
   */
  private static final class Load extends CompletableFuture<BlockIndex> {
    /**
     * For those who asked: ends after the cache has forgotten a failure, and has it as a value.
     * Reactor would log an error as dropped when all who asked had lost interest.
     */
    final CompletableFuture<Signal<BlockIndex>> outcome = new CompletableFuture<>();

    /**
     * @param reading with the context of the first who asks
     * @param all what is under way: it has no other end
     */
    Load(Mono<BlockIndex> reading, Disposable.Composite all) {
      Disposable.Swap running = Disposables.swap();
      all.add(running);
      running.update(
          reading.materialize().doFinally(signal -> all.remove(running)).subscribe(this::end));
    }

    private void end(Signal<BlockIndex> signal) {
      complete(signal.get());
      outcome.complete(signal);
    }
  }

  /** Remembers the index of an object that was just written. */
  Mono<Void> add(BlockIndex index) {
    return Mono.<Void>fromRunnable(
            () -> cache.put(index.objectId(), CompletableFuture.completedFuture(index)))
        .subscribeOn(thread);
  }

  /** Does the cache's upkeep; after the end there is nothing left to keep up. */
  private void keepUp(Runnable upkeep) {
    try {
      thread.schedule(upkeep);
    } catch (RejectedExecutionException e) {
      if (!thread.isDisposed()) {
        throw e;
      }
    }
  }

  /** How it has fared. */
  BaseCacheStats stats() {
    CacheStats stats = cache.synchronous().stats();
    long units =
        cache
            .synchronous()
            .policy()
            .eviction()
            .map(Policy.Eviction::weightedSize)
            .map(size -> size.orElse(0))
            .orElse(0L);
    return new BaseCacheStats(
        stats.hitCount(),
        stats.loadSuccessCount(),
        stats.loadFailureCount(),
        stats.evictionCount(),
        cache.synchronous().estimatedSize(),
        units * BYTES_PER_UNIT,
        maxBytes);
  }

  /** Cancels what is being read. */
  void dispose() {
    loads.dispose();
    thread.dispose();
  }
}
