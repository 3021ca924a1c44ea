package io.ringkernel.checkpoint.storage.blocking;

import io.ringkernel.checkpoint.error.ClosedException;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * An operation under way in a storage, and who wants it to end early: its subscriber, who then gets
 * no signal, or a close of the storage, which its subscriber then gets as the error.
 */
public final class Operation implements Disposable {
  private final String name;
  private final Runnable onUnwanted;
  private volatile boolean cancelled;
  private volatile @Nullable ClosedException closed;

  /**
   * @param name what is asked for, for messages
   * @param onUnwanted makes it clean up soon and call {@link UnderWay#end}; must not block
   */
  public Operation(String name, Runnable onUnwanted) {
    this.name = name;
    this.onUnwanted = onUnwanted;
  }

  /** Its subscriber cancels. */
  @Override
  public void dispose() {
    cancelled = true;
    onUnwanted.run();
  }

  /** Its storage is closed. */
  void stop() {
    closed = BlockingOperations.closed(name);
    onUnwanted.run();
  }

  /** Whether its subscriber has cancelled, and gets no signal. */
  public boolean isCancelled() {
    return cancelled;
  }

  /** Whether it is to end early. */
  public boolean isUnwanted() {
    return cancelled || closed != null;
  }

  /**
   * Why it ends without what was asked for. A failure after the close of its storage counts as
   * caused by the close.
   *
   * @param failure what went wrong, or null
   * @return null when nothing went wrong, and nobody closed the storage
   */
  public @Nullable Throwable reason(@Nullable Throwable failure) {
    ClosedException stopped = closed;
    return stopped == null ? failure : stopped;
  }
}
