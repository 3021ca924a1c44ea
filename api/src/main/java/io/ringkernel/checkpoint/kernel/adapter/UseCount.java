package io.ringkernel.checkpoint.kernel.adapter;

import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A count of the uses of something, so that it is released only when nobody uses it any more, and
 * no use begins once it is to be released. Never waits.
 */
public final class UseCount {
  private final Sinks.Empty<Void> idle = Sinks.empty();
  private int users;
  private boolean shut;

  /** A count of 0. */
  public UseCount() {}

  /** Begins a use, which {@link #leave} ends; false when none may begin any more. */
  public synchronized boolean enter() {
    if (shut) {
      return false;
    }
    users++;
    return true;
  }

  /** Ends a use. */
  public void leave() {
    boolean last;
    synchronized (this) {
      users--;
      last = shut && users == 0;
    }
    if (last) {
      idle.tryEmitEmpty();
    }
  }

  /** Lets no use begin any more; completes when the last one has ended. Idempotent. */
  public Mono<Void> shut() {
    boolean none;
    synchronized (this) {
      shut = true;
      none = users == 0;
    }
    if (none) {
      idle.tryEmitEmpty();
    }
    return idle.asMono();
  }

  /** How many uses have begun and not ended. */
  public synchronized int users() {
    return users;
  }
}
