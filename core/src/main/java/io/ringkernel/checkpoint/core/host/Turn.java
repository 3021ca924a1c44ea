package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.error.KernelException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Lets one at a time work on a kernel: a capture until its checkpoint is closed, or a restore. */
final class Turn {
  private final String kernelId;
  private final boolean waits;
  private final Queue<Lease> waiting = new ArrayDeque<>();
  private @Nullable Lease holder;

  /**
   * @param waits whether who comes second waits; else it is refused
   */
  Turn(String kernelId, boolean waits) {
    this.kernelId = kernelId;
    this.waits = waits;
  }

  /** One's place: nothing until it is awaited, and to be released whatever came of that. */
  final class Lease {
    private final Sinks.Empty<Void> granted = Sinks.empty();

    /** Completes when it is this one's turn. */
    Mono<Void> await(KernelException.Phase phase) {
      return Mono.defer(() -> ask(this) ? granted.asMono() : Mono.error(() -> busy(phase)));
    }

    /** Passes the turn on, or stops waiting for it. Idempotent. */
    void release() {
      Lease next = leave(this);
      if (next != null) {
        next.granted.tryEmitEmpty();
      }
    }
  }

  private KernelException busy(KernelException.Phase phase) {
    return new KernelException(
        kernelId, phase, "another capture or restore is under way, and it was not to wait", null);
  }

  /** Whether the turn was given or will be. */
  private synchronized boolean ask(Lease lease) {
    if (holder == null) {
      holder = lease;
      lease.granted.tryEmitEmpty();
      return true;
    }
    return waits && waiting.add(lease);
  }

  private synchronized @Nullable Lease leave(Lease lease) {
    if (holder != lease) {
      waiting.remove(lease);
      return null;
    }
    holder = waiting.poll();
    return holder;
  }
}
