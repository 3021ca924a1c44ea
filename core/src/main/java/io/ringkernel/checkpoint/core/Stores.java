package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.internal.Spans;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The one store that a {@link Checkpointer} works on, or the near and the far one: opened with it,
 * closed with it, and asked for nothing after that. What is done begins with each subscription.
 */
final class Stores {
  private final Lifecycle lifecycle = new Lifecycle();
  private final Opened opened = new Opened();
  private final Engine near;
  private final @Nullable Tiers tiers;
  private final Reads reads;

  Stores(CheckpointerBuilder built) {
    try {
      CheckpointCodec codec = built.openCodec();
      if (built.givenCodec == null) {
        opened.closedByBlocking(codec::close);
      }
      near = new Engine(built, open(built.place), codec, opened);
      tiers = built.tiers == null ? null : openTiers(built, built.tiers, codec);
      reads = tiers == null ? new Reads.FromOne(near) : tiers.reads();
    } catch (RuntimeException | Error e) {
      Disposable unused =
          opened.close().subscribe(nothing -> {}, also -> FirstFailure.suppress(also, e));
      throw e;
    }
  }

  private CheckpointStorage open(Place place) {
    CheckpointStorage storage = place.open();
    if (!place.isLent()) {
      opened.closedBy(storage::close);
    }
    return new LentStorage(storage);
  }

  private Tiers openTiers(CheckpointerBuilder built, TieredStorage tiered, CheckpointCodec codec) {
    CheckpointStorage storage = open(tiered.far());
    Checkpointer far = new Checkpointer(new Stores(built.on(storage, codec)), false);
    opened.closedBy(far.stores()::close);
    return new Tiers(near, far, tiered);
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
    return read(
        all ->
            target.work(
                to ->
                    all.first(from -> from.resolver.resolve(name).thenReturn(from))
                        .flatMap(from -> target.tiered(copy.apply(from, to), tell))));
  }

  /** Completes when what goes on by itself should come to an end. */
  Mono<Void> announcement() {
    return lifecycle.announcement();
  }

  /** Fails when what waits for something to begin should do so no longer. */
  <T> Mono<T> refusal() {
    return lifecycle.refusal();
  }

  /** Refuses what comes from now on, cancels what is under way, and gives back what is its own. */
  Mono<Void> close() {
    return Mono.defer(
        () -> end(tiers == null ? Duration.ZERO : Deadline.countable(tiers.finishWithin())));
  }

  /**
   * Refuses what comes from now on, and does the rest of {@link #close()} when nothing is under way
   * any more, but not later than after a time.
   */
  Mono<Void> close(Duration finishWithin) {
    if (finishWithin.isNegative()) {
      throw new IllegalArgumentException(
          "finishWithin must not be negative, but is " + Spans.words(finishWithin));
    }
    Duration limit = Deadline.countable(finishWithin);
    return Mono.defer(
        () -> {
          long announcedAt = System.nanoTime();
          return within(limit, idle())
              .then(Mono.defer(() -> end(limit.minusNanos(System.nanoTime() - announcedAt))));
        });
  }

  private Mono<Void> idle() {
    Mono<Void> here = lifecycle.announceEnd();
    return tiers == null ? here : Mono.when(here, tiers.far().stores().lifecycle.announceEnd());
  }

  /**
   * @param copying how long copies to the far tier may take
   */
  private Mono<Void> end(Duration copying) {
    Mono<Void> ended = lifecycle.end();
    Mono<Void> copied = Mono.empty();
    if (tiers != null) {
      ended = Mono.when(ended, tiers.far().stores().lifecycle.end());
      copied = within(copying, tiers.settled()).then(Mono.fromRunnable(tiers::giveUp));
    }
    return FirstFailure.oneByOne(List.of(ended, copied, opened.close()));
  }

  /** The same, but not for longer than a time, nor than until the timer was closed by another. */
  private Mono<Void> within(Duration limit, Mono<Void> waiting) {
    Mono<Void> over =
        limit.isNegative() || limit.isZero()
            ? Mono.empty()
            : Mono.delay(limit, near.timer).onErrorComplete().then();
    return Mono.firstWithSignal(waiting, over);
  }
}
