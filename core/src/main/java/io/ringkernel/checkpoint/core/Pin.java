package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.Spans;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The pin of one save, made by {@link Pins#hold}. */
final class Pin {
  /** Of a lease's length: two renewals may fail before it is over. */
  private static final int RENEWALS_IN_A_LEASE = 3;

  private enum State {
    HELD,
    /** Whether the commit happened is the commit's business from here on. */
    COMMITTING,
    BROKEN
  }

  private final CheckpointStorage storage;
  private final SmallObjects small;
  private final Scheduler timer;
  private final ObjectId id;
  private final String name;
  private final AtomicReference<State> state = new AtomicReference<>(State.HELD);
  private volatile PinRecord record;
  private volatile @Nullable String version;
  private volatile boolean referable;
  private volatile boolean foundBroken;

  Pin(
      CheckpointStorage storage,
      SmallObjects small,
      Scheduler timer,
      ObjectId id,
      PinRecord record) {
    this.storage = storage;
    this.small = small;
    this.timer = timer;
    this.id = id;
    this.name = StoreNames.pin(id);
    this.record = record;
  }

  /** Tells it from every other. */
  ObjectId id() {
    return id;
  }

  /** Whether all that the save may refer to is there and stays; if not, it must do without. */
  boolean isReferable() {
    return referable;
  }

  void referencesChecked(boolean usable) {
    referable = usable;
  }

  Mono<Void> write() {
    return small
        .write(name, record.encode(), null)
        .doOnNext(written -> version = written.version())
        .then();
  }

  /**
   * Fails unless the pin counted at this moment. To be asked between reading and writing the record
   * that the commit is conditional on: whoever breaks the pin later changes that record before
   * removing anything.
   */
  Mono<Void> requireHeld() {
    return Mono.defer(
        () -> {
          state.compareAndSet(State.HELD, State.COMMITTING);
          return state.get() == State.BROKEN ? Mono.error(lapsed()) : stored().then();
        });
  }

  /** The pin as it lies in the store, with its version; an error when it is broken. */
  private Mono<SmallObjects.Start> stored() {
    return small
        .read(name, RecordKind.PIN)
        .filter(start -> !PinRecord.decode(start.bytes()).broken())
        .switchIfEmpty(Mono.error(() -> lapsed()));
  }

  /** Writes the pin again and again; never completes, and fails when it was found broken. */
  <T> Mono<T> renewing() {
    return Flux.interval(record.lease().dividedBy(RENEWALS_IN_A_LEASE), timer)
        .onBackpressureDrop()
        .concatMap(tick -> renew().onErrorResume(this::mayPass, e -> Mono.empty()), 1)
        .onErrorResume(this::broken)
        .then(Mono.never());
  }

  /** A broken pin stays broken, though its save may be tried again. */
  private boolean mayPass(Throwable error) {
    return Failures.isTransient(error) && !foundBroken;
  }

  /** A broken pin ends the work under it, unless that is committing and will find out by itself. */
  private Flux<Void> broken(Throwable error) {
    return state.compareAndSet(State.HELD, State.BROKEN) ? Flux.error(error) : Flux.never();
  }

  private Mono<Void> renew() {
    return Mono.defer(
        () -> {
          String last = version;
          if (last == null) {
            return Mono.empty();
          }
          PinRecord next = record.renewed();
          return small
              .write(name, next.encode(), last)
              .doOnNext(
                  written -> {
                    record = next;
                    version = written.version();
                  })
              .then()
              // Ours all the same, if it was our own renewal whose answer was lost.
              .onErrorResume(
                  Failures::isRefusal,
                  e ->
                      stored()
                          .doOnNext(
                              start -> {
                                record = PinRecord.decode(start.bytes());
                                version = start.object().version();
                              })
                          .then());
        });
  }

  private StorageException lapsed() {
    foundBroken = true;
    return new StorageException(
        "the save of "
            + record.subject()
            + " gave no sign of life for longer than its lease of "
            + Spans.words(record.lease())
            + ", so that a collector let go of its objects; save again",
        true,
        null);
  }

  /** Lets go; what this misses ends with the lease. */
  Mono<Void> release() {
    return storage.delete(name).then().onErrorComplete();
  }
}
