package io.ringkernel.checkpoint.format.wire;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Work whose memory must not be taken away while it runs: a transfer into pooled memory, a native
 * codec at work. A cancel reaches its subscriber at once and the work as a question that it asks
 * between two steps; the work itself ends in its own time and then gives its memory back.
 */
public final class Uncancellable {
  private Uncancellable() {}

  /**
   * Runs work whose result is no resource to an end of its own choosing.
   *
   * @param work gets the question whether its result is no longer wanted
   */
  public static <T> Mono<T> of(Function<BooleanSupplier, Mono<T>> work) {
    return of(work, result -> {});
  }

  /**
   * Runs work to an end of its own choosing.
   *
   * @param work gets the question whether its result is no longer wanted; an error that comes after
   *     that is dropped
   * @param release takes a result that comes after that, so that each one goes exactly one way;
   *     must not block
   */
  public static <T> Mono<T> of(Function<BooleanSupplier, Mono<T>> work, Consumer<T> release) {
    return Mono.defer(
        () -> {
          Handover<T> handover = new Handover<>(release);
          return Mono.<T>create(
                  sink -> {
                    sink.onCancel(handover::cancel);
                    work.apply(handover::isCancelled)
                        .contextWrite(sink.contextView())
                        .subscribe(
                            result -> handover.offer(result, () -> sink.success(result)),
                            error -> {
                              if (!handover.isCancelled()) {
                                sink.error(error);
                              }
                            },
                            () -> handover.end(sink::success));
                  })
              .filter(handover::take);
        });
  }

  /** A result between the work that made it and the subscriber, whoever is faster to let go. */
  private static final class Handover<T> {
    private final Consumer<T> release;
    private final AtomicReference<@Nullable T> held = new AtomicReference<>();
    private volatile boolean cancelled;
    private volatile boolean offered;

    Handover(Consumer<T> release) {
      this.release = release;
    }

    boolean isCancelled() {
      return cancelled;
    }

    void cancel() {
      cancelled = true;
      releaseHeld();
    }

    void offer(T result, Runnable pass) {
      offered = true;
      held.set(result);
      pass.run();
      if (cancelled) {
        releaseHeld();
      }
    }

    /** The end of work without a result; with one, a second end would lose it undemanded. */
    void end(Runnable pass) {
      if (!offered) {
        pass.run();
      }
    }

    /** Whether the result goes to the subscriber. */
    boolean take(T result) {
      return held.compareAndSet(result, null);
    }

    private void releaseHeld() {
      T result = held.getAndSet(null);
      if (result != null) {
        release.accept(result);
      }
    }
  }
}
