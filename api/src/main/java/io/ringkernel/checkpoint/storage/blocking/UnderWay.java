package io.ringkernel.checkpoint.storage.blocking;

import io.ringkernel.checkpoint.error.ClosedException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is under way in one storage. After {@link #close} nothing begins, and when the last
 * operation has cleaned up, what they all used is given back.
 */
public final class UnderWay {
  /** Something under way that a close brings to an end and waits for. */
  @FunctionalInterface
  public interface Operation {
    /** Asks to clean up soon, fail with this error, and call {@link #end}. Must not block. */
    void stop(ClosedException closed);
  }

  private final Runnable giveBack;
  private final Set<Operation> open = new HashSet<>();
  private boolean closing;

  /**
   * @param giveBack run once, by whoever ends last; must not block
   */
  public UnderWay(Runnable giveBack) {
    this.giveBack = giveBack;
  }

  /** Takes an operation into account; false when the storage is closing. */
  public synchronized boolean begin(Operation operation) {
    if (closing) {
      return false;
    }
    open.add(operation);
    return true;
  }

  /** Called by an operation that began, when nothing of it is left but its last signal. */
  public void end(Operation operation) {
    boolean last;
    synchronized (this) {
      last = open.remove(operation) && closing && open.isEmpty();
    }
    if (last) {
      giveBack.run();
    }
  }

  /** How many are under way. */
  public synchronized int count() {
    return open.size();
  }

  /** Asks all to stop; idempotent. */
  public void close() {
    List<Operation> running;
    synchronized (this) {
      if (closing) {
        return;
      }
      closing = true;
      running = List.copyOf(open);
    }
    running.forEach(operation -> operation.stop(BlockingOperations.closed("what was under way")));
    if (running.isEmpty()) {
      giveBack.run();
    }
  }
}
