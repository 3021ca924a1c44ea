package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The one store that a {@link Checkpointer} works on, or the near and the far one: opened with it,
 * closed with it, and asked for nothing after that. What is done begins with each subscription.
 */
final class Stores {
  private final Lifecycle lifecycle = new Lifecycle();
  private final @Nullable CheckpointStorage ownStorage;
  private final @Nullable CheckpointCodec ownCodec;
  private final Engine near;
  private final @Nullable Tiers tiers;
  private final Reads reads;
  private final @Nullable CheckpointStorage ownFarStorage;

  Stores(CheckpointerBuilder built) {
    CheckpointCodec codec = built.openCodec();
    ownCodec = built.givenCodec == null ? codec : null;
    CheckpointStorage storage = openStorage(built, ownCodec);
    ownStorage = built.ownsStorage() ? storage : null;
    near = new Engine(built, storage, codec);
    TieredStorage tiered = built.tiers;
    CheckpointStorage far = tiered == null ? null : openFar(tiered, storage);
    ownFarStorage = built.ownsStorage() ? far : null;
    tiers =
        tiered == null || far == null
            ? null
            : new Tiers(near, built.on(far, codec).build(), tiered);
    reads = tiers == null ? new Reads.FromOne(near) : tiers.reads();
  }

  private static CheckpointStorage openStorage(
      CheckpointerBuilder built, @Nullable CheckpointCodec ownCodec) {
    try {
      return built.openStorage();
    } catch (RuntimeException e) {
      if (ownCodec != null) {
        ownCodec.close();
      }
      throw e;
    }
  }

  private static CheckpointStorage openFar(TieredStorage tiered, CheckpointStorage near) {
    try {
      return tiered.openFar();
    } catch (RuntimeException e) {
      if (tiered.isOwned()) {
        near.close().subscribe();
      }
      throw e;
    }
  }

  /** The store that is written to: the only one, or the near one. */
  Engine near() {
    return near;
  }

  /** Empty unless there are two stores. */
  Optional<Tiers> tiers() {
    return Optional.ofNullable(tiers);
  }

  /** Work on the store that is written to. */
  <T> Mono<T> work(Function<Engine, Mono<T>> work) {
    return lifecycle.guard(() -> work.apply(near));
  }

  /** The same of work that gives many. */
  <T> Flux<T> workMany(Function<Engine, Flux<T>> work) {
    return lifecycle.guardMany(() -> work.apply(near));
  }

  /** Reads each from where it is: from the only store, or from both of two. */
  <T> Mono<T> read(Function<Reads, Mono<T>> read) {
    return lifecycle.guard(() -> read.apply(reads));
  }

  /** The same of what gives many. */
  <T> Flux<T> readMany(Function<Reads, Flux<T>> read) {
    return lifecycle.guardMany(() -> read.apply(reads));
  }

  /** Asks one store, the near one first. */
  <T> Mono<T> nearest(Function<Engine, Mono<T>> read) {
    return read(all -> all.first(read));
  }

  /**
   * Work for which something is to be copied to the far tier.
   *
   * @param work as it is where there is one store
   * @param tell the same work, of which the tiers are told
   */
  <T> Mono<T> tiered(Mono<T> work, BiFunction<Tiers, Mono<T>, Mono<T>> tell) {
    return tiers == null ? work : tell.apply(tiers, work);
  }

  /**
   * Copies from the nearest store that has a name; it ends with either of the two.
   *
   * @param target to where, whose tiers are told
   * @param copy from the first to the second
   */
  <T> Mono<T> copy(
      String name,
      Stores target,
      BiFunction<Engine, Engine, Mono<T>> copy,
      BiFunction<Tiers, Mono<T>, Mono<T>> tell) {
    return nearest(from -> from.resolver.resolve(name).thenReturn(from))
        .flatMap(
            from ->
                lifecycle.guard(
                    () -> target.work(to -> target.tiered(copy.apply(from, to), tell))));
  }

  /** Refuses what comes from now on, cancels what is under way, and gives back what is its own. */
  Mono<Void> close() {
    return Mono.defer(
        () -> {
          lifecycle.end();
          Mono<Void> copied = tiers == null ? Mono.empty() : tiers.close();
          return copied
              .then(near.dispose(ownCodec))
              .then(closed(ownStorage))
              .then(closed(ownFarStorage));
        });
  }

  private static Mono<Void> closed(@Nullable CheckpointStorage storage) {
    return storage == null ? Mono.empty() : storage.close();
  }
}
