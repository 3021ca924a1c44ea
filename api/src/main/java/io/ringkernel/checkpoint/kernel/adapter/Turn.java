package io.ringkernel.checkpoint.kernel.adapter;

import io.ringkernel.checkpoint.error.KernelException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The turns in which visits work on a kernel, one at a time. A straight capture keeps its turn
 * until its checkpoint is closed. Another capture may wait for that. A restore is refused, because
 * it may be from that very checkpoint and would wait for ever.
 */
public final class Turn {
  private final String kernelId;
  private final boolean waits;
  private final Queue<Lease> waiting = new ArrayDeque<>();
  private @Nullable Lease holder;
  private boolean heldOpen;

  /**
   * The turns of one kernel.
   *
   * @param kernelId which kernel, for messages
   * @param waits whether a second visit waits; else it is refused
   */
  public Turn(String kernelId, boolean waits) {
    this.kernelId = kernelId;
    this.waits = waits;
  }

  /** One's place: nothing until it is awaited, and to be released whatever came of that. */
  final class Lease {
    private final KernelException.Phase phase;
    private final Sinks.Empty<Void> granted = Sinks.empty();

    /**
     * Takes no place yet.
     *
     * @param phase what it is for: a capture or a restore
     */
    Lease(KernelException.Phase phase) {
      this.phase = phase;
    }

    /**
     * Waits for this one's turn; once.
     *
     * @return completes when it is; {@link KernelException} when it is refused
     */
    Mono<Void> await() {
      return Mono.defer(
          () -> {
            ask(this);
            return granted.asMono();
          });
    }

    /** From now on it depends on somebody else when this is released. */
    void holdOpen() {
      // Each may let go of its place as soon as it is told.
      keep().forEach(Lease::refuse);
    }

    /** Passes the turn on, or stops waiting for it. Idempotent. */
    void release() {
      Lease next = leave(this);
      if (next != null) {
        next.granted.tryEmitEmpty();
      }
    }

    private boolean isRefused() {
      return !waits || (heldOpen && phase == KernelException.Phase.RESTORE);
    }

    private void refuse() {
      granted.tryEmitError(
          new KernelException(
              kernelId,
              phase,
              "another capture or restore is under way; close its checkpoint or try again later",
              null));
    }
  }

  private synchronized void ask(Lease lease) {
    if (holder == null) {
      holder = lease;
      lease.granted.tryEmitEmpty();
    } else if (lease.isRefused()) {
      lease.refuse();
    } else {
      waiting.add(lease);
    }
  }

  /** Those that are not to wait for that. */
  private synchronized List<Lease> keep() {
    heldOpen = true;
    List<Lease> refused = waiting.stream().filter(Lease::isRefused).toList();
    waiting.removeAll(refused);
    return refused;
  }

  private synchronized @Nullable Lease leave(Lease lease) {
    if (holder != lease) {
      waiting.remove(lease);
      return null;
    }
    heldOpen = false;
    holder = waiting.poll();
    return holder;
  }
}
