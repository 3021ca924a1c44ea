package io.ringkernel.checkpoint.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Saves at each tick that finds no save under way and somebody who wants a receipt. */
final class Periodic {
  private final FluxSink<SaveReceipt> sink;
  private final Mono<SaveReceipt> save;
  private final AtomicBoolean saving = new AtomicBoolean();
  private final Disposable.Swap current = Disposables.swap();
  private int failures;
  private String lastFailure = "";

  private Periodic(FluxSink<SaveReceipt> sink, Mono<SaveReceipt> save) {
    this.sink = sink;
    this.save = save;
  }

  /**
   * A receipt for each save.
   *
   * @param interval from tick to tick
   * @param timer gives the ticks
   * @param save a new attempt with each subscription
   */
  static Flux<SaveReceipt> every(Duration interval, Scheduler timer, Mono<SaveReceipt> save) {
    if (interval.isZero() || interval.isNegative()) {
      throw new IllegalArgumentException("interval must be longer than zero, not " + interval);
    }
    return Flux.create(
        sink -> {
          Periodic periodic = new Periodic(sink, save);
          Disposable ticks =
              Flux.interval(interval, timer)
                  .onBackpressureDrop()
                  .subscribe(tick -> periodic.tick(), sink::error);
          sink.onDispose(Disposables.composite(ticks, periodic.current));
        },
        FluxSink.OverflowStrategy.ERROR);
  }

  private void tick() {
    if (sink.requestedFromDownstream() > 0 && saving.compareAndSet(false, true)) {
      current.update(save.subscribe(this::saved, this::failed));
    }
  }

  private void saved(SaveReceipt receipt) {
    SaveReceipt told = failures == 0 ? receipt : withFailures(receipt);
    failures = 0;
    sink.next(told);
    saving.set(false);
  }

  private void failed(Throwable error) {
    if (!Failures.isTransient(error)) {
      sink.error(error);
      return;
    }
    failures++;
    lastFailure = String.valueOf(error.getMessage());
    saving.set(false);
  }

  private SaveReceipt withFailures(SaveReceipt receipt) {
    List<String> notes = new ArrayList<>(receipt.notes());
    notes.add(failures + " attempts before this one failed, the last with: " + lastFailure);
    return receipt.withNotes(notes);
  }
}
