package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.internal.Messages;
import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/** Saves at each tick that finds no save under way and somebody who wants a receipt. */
final class Periodic {
  private enum State {
    IDLE,
    SAVING,
    /** Still saving, and told to stop. */
    STOPPING,
    OVER
  }

  private final PeriodicSaves saves;
  private final FluxSink<SaveReceipt> sink;
  private final Mono<SaveReceipt> save;
  private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);
  private final Disposable.Swap current = Disposables.swap();

  /** Of who told to stop. Written before the state tells of it. */
  private volatile @Nullable Throwable stopError;

  // Of the save under way, one after the other:
  private int failures;
  private String lastFailure = "";

  private Periodic(PeriodicSaves saves, FluxSink<SaveReceipt> sink, Mono<SaveReceipt> save) {
    this.saves = saves;
    this.sink = sink;
    this.save = save;
  }

  /**
   * A receipt for each save.
   *
   * @param saves when and how
   * @param timer gives the ticks
   * @param save a new attempt with each subscription
   * @param end completes when all should come to their end
   */
  static Flux<SaveReceipt> of(
      PeriodicSaves saves, Scheduler timer, Mono<SaveReceipt> save, Mono<Void> end) {
    return Flux.create(
        sink -> new Periodic(saves, sink, limited(saves, timer, save)).start(timer, end),
        FluxSink.OverflowStrategy.ERROR);
  }

  private static Mono<SaveReceipt> limited(
      PeriodicSaves saves, Scheduler timer, Mono<SaveReceipt> save) {
    Duration limit = saves.saveTimeout();
    return limit == null
        ? save
        : new Deadline(limit, timer)
            .on(save)
            .onErrorMap(TimeoutException.class, e -> tookTooLong(limit, e));
  }

  private static StorageException tookTooLong(Duration limit, TimeoutException cause) {
    return new StorageException(
        "a save has not ended within "
            + Spans.words(limit)
            + " (PeriodicSaves.saveTimeout) and was cancelled: check that the storage answers, or"
            + " allow more time; the store shows whether the save was committed before",
        true,
        cause);
  }

  private void start(Scheduler timer, Mono<Void> end) {
    Context context = Context.of(sink.contextView());
    Disposable.Composite all = Disposables.composite(current);
    sink.onDispose(all);
    all.add(
        Mono.firstWithSignal(saves.stop(), end)
            .subscribe(none -> {}, this::stop, () -> stop(null), context));
    all.add(
        Flux.interval(saves.interval(), timer)
            .onBackpressureDrop()
            .subscribe(tick -> tick(context), sink::error));
  }

  private void tick(Context context) {
    if (sink.requestedFromDownstream() > 0 && state.compareAndSet(State.IDLE, State.SAVING)) {
      current.update(save.subscribe(this::saved, this::failed, null, context));
    }
  }

  private void stop(@Nullable Throwable error) {
    stopError = error;
    State before =
        state.getAndUpdate(
            was ->
                switch (was) {
                  case IDLE, OVER -> State.OVER;
                  case SAVING, STOPPING -> State.STOPPING;
                });
    if (before == State.IDLE) {
      stopped();
    }
  }

  private void stopped() {
    Throwable error = stopError;
    if (error == null) {
      sink.complete();
    } else {
      sink.error(error);
    }
  }

  private void saved(SaveReceipt receipt) {
    SaveReceipt told = failures == 0 ? receipt : withFailures(receipt);
    failures = 0;
    sink.next(told);
    if (!state.compareAndSet(State.SAVING, State.IDLE)) {
      stopped();
    }
  }

  private void failed(Throwable error) {
    failures++;
    lastFailure = Messages.of(error);
    boolean goesOn = goesOnAfter(error);
    if (!goesOn || !state.compareAndSet(State.SAVING, State.IDLE)) {
      state.set(State.OVER);
      Throwable told = stopError;
      if (told != null) {
        FirstFailure.suppress(told, error);
      }
      sink.error(error);
    }
  }

  private boolean goesOnAfter(Throwable error) {
    try {
      return saves.goesOnAfter(new FailedSave(error, failures));
    } catch (Throwable e) {
      FirstFailure.suppress(e, error);
      return false;
    }
  }

  private SaveReceipt withFailures(SaveReceipt receipt) {
    List<String> notes = new ArrayList<>(receipt.notes());
    notes.add(failures + " attempts before this one failed, the last with: " + lastFailure);
    return receipt.withNotes(notes);
  }
}
