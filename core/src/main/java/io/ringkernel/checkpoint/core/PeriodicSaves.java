package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * When and how a kernel is saved again and again; immutable.
 *
 * <p>A save has no time limit unless {@link #saveTimeout} sets one: a save that hangs is not
 * reported, and no other begins meanwhile.
 */
public final class PeriodicSaves {
  private final Duration interval;
  private final SaveRequest request;
  private final Predicate<? super FailedSave> goOnAfter;
  private final Consumer<? super FailedSave> onFailure;
  private final Mono<Void> stop;
  private final @Nullable Duration saveTimeout;

  private PeriodicSaves(
      Duration interval,
      SaveRequest request,
      Predicate<? super FailedSave> goOnAfter,
      Consumer<? super FailedSave> onFailure,
      Mono<Void> stop,
      @Nullable Duration saveTimeout) {
    this.interval = interval;
    this.request = request;
    this.goOnAfter = goOnAfter;
    this.onFailure = onFailure;
    this.stop = stop;
    this.saveTimeout = saveTimeout;
  }

  /**
   * Saves for ever, each time under a new name, which the receipt tells.
   *
   * @param interval from tick to tick, longer than zero
   * @throws IllegalArgumentException when it is not
   */
  public static PeriodicSaves every(Duration interval) {
    if (interval.isZero() || interval.isNegative()) {
      throw new IllegalArgumentException(
          "interval must be longer than zero, not " + Spans.words(interval));
    }
    return new PeriodicSaves(
        Deadline.countable(interval),
        SaveRequest.defaults(),
        FailedSave::isTransient,
        failed -> {},
        Mono.never(),
        null);
  }

  /**
   * The same with another request for each save: tags, base, stall budget, savepoints.
   *
   * <p>If the request has a name, each save replaces the one before, so only the newest checkpoint
   * exists: if it turns out to be damaged, there is no older one. Otherwise each save has a name of
   * its own, and {@link Checkpointer#prune} removes old ones.
   *
   * @param value {@link SaveRequest#defaults} unless set
   * @throws IllegalArgumentException when it has a name and is only to be saved if nothing is
   *     there: all but the first would fail
   */
  public PeriodicSaves request(SaveRequest value) {
    if (value.isOnlyIfAbsent() && value.name().isPresent()) {
      throw new IllegalArgumentException(
          "only the first save could be under '"
              + value.name().orElseThrow()
              + "' if nothing is there: leave out the name, or onlyIfAbsent");
    }
    return new PeriodicSaves(interval, value, goOnAfter, onFailure, stop, saveTimeout);
  }

  /**
   * The same with another answer to failures. A kernel that stood still for too long ({@link
   * io.ringkernel.checkpoint.error.StallBudgetException}), or could not be captured in time ({@link
   * io.ringkernel.checkpoint.error.KernelException}), may be saved with the next tick; after a
   * {@link io.ringkernel.checkpoint.error.StaleWriterException} no save succeeds until the kernel
   * was restored.
   *
   * @param which whether to save again with the next tick; if not, the failure ends the stream.
   *     {@link FailedSave#isTransient} unless set. It is called like the listener of {@link
   *     #onFailure}, and after it
   */
  public PeriodicSaves goOnAfter(Predicate<? super FailedSave> which) {
    return new PeriodicSaves(
        interval, request, Objects.requireNonNull(which), onFailure, stop, saveTimeout);
  }

  /**
   * The same with a listener for failures: each as it happens, also the one that ends the stream.
   *
   * @param listener called once at a time, on a thread of the storage or the timer: it must not
   *     block. If it throws, the stream ends with the failure that it was called with
   */
  public PeriodicSaves onFailure(Consumer<? super FailedSave> listener) {
    return new PeriodicSaves(
        interval, request, goOnAfter, Objects.requireNonNull(listener), stop, saveTimeout);
  }

  /**
   * The same with a stop signal: after it no save begins any more. The one under way finishes, its
   * receipt is emitted, and the stream completes; if that save fails, so does the stream. {@code
   * concatWith(checkpointer.save(kernel))} saves a last time.
   *
   * @param signal its first item or its completion stops the saves; so does an error, with which
   *     the stream then fails
   */
  public PeriodicSaves until(Publisher<?> signal) {
    return new PeriodicSaves(
        interval, request, goOnAfter, onFailure, Flux.from(signal).take(1).then(), saveTimeout);
  }

  /**
   * The same with a time limit for each save. A capture has a limit ({@link
   * CheckpointerBuilder#captureTimeout}), and so have requests to an object store. A file system
   * has none: on one that hangs, such as a network drive, a save would last for ever, no other
   * would begin, and no listener would be called. A save that takes longer is cancelled, possibly
   * after its commit, and fails with a transient {@link
   * io.ringkernel.checkpoint.error.StorageException}.
   *
   * @param limit for one save, its capture included; longer than zero, and better longer than the
   *     capture timeout; none unless set
   * @throws IllegalArgumentException when it is not longer than zero
   */
  public PeriodicSaves saveTimeout(Duration limit) {
    if (limit.isZero() || limit.isNegative()) {
      throw new IllegalArgumentException(
          "limit must be longer than zero, not " + Spans.words(limit));
    }
    return new PeriodicSaves(interval, request, goOnAfter, onFailure, stop, limit);
  }

  /** How long a save may take; null when as long as it likes. */
  @Nullable Duration saveTimeout() {
    return saveTimeout;
  }

  Duration interval() {
    return interval;
  }

  SaveRequest request() {
    return request;
  }

  /** Completes, or fails, when it is to stop. */
  Mono<Void> stop() {
    return stop;
  }

  /**
   * Tells of a failure.
   *
   * @return whether to go on
   */
  boolean goesOnAfter(FailedSave failed) {
    onFailure.accept(failed);
    return goOnAfter.test(failed);
  }
}
