package io.ringkernel.checkpoint.core;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Lets one cut of a checkpointer stop kernels at a time: two that share kernels would each hold
 * what the other waits for.
 */
final class CutTurns {
  private final Queue<Turn> waiting = new ArrayDeque<>();

  /** One's place. */
  final class Turn {
    private final Sinks.Empty<Void> granted = Sinks.empty();
    private boolean over;

    /** Completes when it is this one's turn. */
    Mono<Void> await() {
      return Mono.defer(
          () -> {
            if (ask(this)) {
              granted.tryEmitEmpty();
            }
            return granted.asMono();
          });
    }

    /** Passes the turn on, or stops waiting for it. Idempotent. */
    void release() {
      Turn next = leave(this);
      if (next != null) {
        next.granted.tryEmitEmpty();
      }
    }
  }

  private synchronized boolean ask(Turn turn) {
    // One that was cancelled on the way here must not hold up the others.
    return !turn.over && waiting.add(turn) && waiting.peek() == turn;
  }

  private synchronized @Nullable Turn leave(Turn turn) {
    turn.over = true;
    boolean first = waiting.peek() == turn;
    waiting.remove(turn);
    return first ? waiting.peek() : null;
  }
}
