package io.ringkernel.checkpoint.gpu.cuda;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * When the waits of one kernel have lasted too long, watched by one timer for all of them.
 *
 * <p>To set a timer wakes a thread, which takes longer than much of what is done while a kernel
 * stands still. So one is set for the first wait, and stays when that has ended: who waits next
 * finds it. It comes no later than the shortest limit allows, looks who is late, and is set again
 * only if somebody waits then.
 */
final class Deadlines implements Disposable {
  private final class Deadline implements Disposable {
    private final long at;
    private final Runnable missed;

    Deadline(long at, Runnable missed) {
      this.at = at;
      this.missed = missed;
    }

    @Override
    public void dispose() {
      remove(this);
    }
  }

  private final long longestPause;
  private final Set<Deadline> open = new LinkedHashSet<>();
  private @Nullable Disposable timer;
  private long nextLook;

  /**
   * @param shortest of the limits: the timer comes as often while somebody waits, so that no wait
   *     has to set an earlier one
   */
  Deadlines(Duration shortest) {
    this.longestPause = shortest.toNanos();
  }

  /**
   * Limits a wait.
   *
   * @param limit from now
   * @param missed run once the limit has passed, unless this is disposed before; on a thread that
   *     must not block
   */
  Disposable after(Duration limit, Runnable missed) {
    long now = System.nanoTime();
    Deadline deadline = new Deadline(now + limit.toNanos(), missed);
    synchronized (this) {
      lookBy(now, deadline.at);
      open.add(deadline);
    }
    return deadline;
  }

  /**
   * The same work, or something else when it has not ended in time: it is cancelled then.
   *
   * @param limit from the subscription on
   */
  <T> Mono<T> within(Duration limit, Mono<T> work, Mono<T> otherwise) {
    Mono<Void> passed = Mono.create(sink -> sink.onDispose(after(limit, sink::success)));
    return work.timeout(passed, otherwise);
  }

  private synchronized void remove(Deadline deadline) {
    open.remove(deadline);
  }

  /** Sees that the timer comes in time; one that should have come by now never will. */
  private void lookBy(long now, long time) {
    if (timer == null || nextLook - time > 0 || nextLook - now < -longestPause) {
      set(now, time);
    }
  }

  private void set(long now, long time) {
    dispose();
    long pause = Math.max(0, Math.min(time - now, longestPause));
    nextLook = now + pause;
    timer = Schedulers.parallel().schedule(this::look, pause, TimeUnit.NANOSECONDS);
  }

  private void look() {
    List<Deadline> late = new ArrayList<>();
    synchronized (this) {
      long now = System.nanoTime();
      open.stream().filter(each -> each.at - now <= 0).forEach(late::add);
      late.forEach(open::remove);
      timer = null;
      open.stream()
          .map(each -> each.at)
          .reduce((one, other) -> one - other < 0 ? one : other)
          .ifPresent(next -> set(now, next));
    }
    late.forEach(each -> each.missed.run());
  }

  /** Sets no timer any more until somebody waits again. */
  @Override
  public synchronized void dispose() {
    Disposable set = timer;
    timer = null;
    if (set != null) {
      set.dispose();
    }
  }
}
