package io.ringkernel.checkpoint.kernel.adapter;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

/**
 * The hook by which a kernel runs on. Once begun it goes on to its end, also when nobody waits for
 * it any longer: a kernel that runs on late is better than one that stands still. So it may let the
 * kernel run at any time until it has ended, and whoever stops the kernel again waits for that
 * first.
 */
public final class ResumeHook {
  private final Supplier<Mono<Void>> hook;
  private final AtomicReference<@Nullable Run> underWay = new AtomicReference<>();

  /**
   * A hook that is not under way.
   *
   * @param hook called for each run
   */
  public ResumeHook(Supplier<Mono<Void>> hook) {
    this.hook = hook;
  }

  /** Runs it, or joins the run that is under way. A subscriber that cancels only stops waiting. */
  public Mono<Void> run() {
    return Mono.deferContextual(
        context -> {
          Run fresh = new Run();
          Run found = underWay.compareAndExchange(null, fresh);
          if (found != null) {
            return found.end();
          }
          fresh.begin(Context.of(context));
          return fresh.end();
        });
  }

  /**
   * Completes when it is not under way any more, however it ended. A subscriber that gives up
   * waiting for that cancels it.
   */
  public Mono<Void> over() {
    return Mono.defer(
        () -> {
          Run found = underWay.get();
          return found == null
              ? Mono.empty()
              : found.end().onErrorComplete().doOnCancel(found::cancel);
        });
  }

  private final class Run {
    private final Disposable.Swap subscription = Disposables.swap();
    private final Sinks.Empty<Void> ended = Sinks.empty();

    void begin(Context context) {
      subscription.update(
          Mono.defer(hook)
              .contextWrite(context)
              .subscribe(nothing -> {}, this::fail, this::succeed));
    }

    Mono<Void> end() {
      return ended.asMono();
    }

    private void succeed() {
      forget();
      ended.tryEmitEmpty();
    }

    private void fail(Throwable error) {
      forget();
      ended.tryEmitError(error);
    }

    void cancel() {
      subscription.dispose();
      fail(new CancellationException("it did not end in time"));
    }

    /** Before anybody is told, who may run it again. */
    private void forget() {
      underWay.compareAndSet(this, null);
    }
  }
}
