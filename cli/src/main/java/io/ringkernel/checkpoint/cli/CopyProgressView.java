package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.core.CopyProgress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far copies are: on a terminal by a bar that moves, elsewhere by a line now and then.
 * Whoever copies only leaves a note; all is shown by a thread of its own.
 */
final class CopyProgressView implements AutoCloseable {
  private static final long REDRAW_MILLIS = 100;
  private static final long LINE_MILLIS = 10_000;

  private final @Nullable Progress bar;
  private final @Nullable Output lines;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(CopyProgressView::daemon);
  private volatile @Nullable CopyProgress now;
  private volatile long begunAt;
  private @Nullable CopyProgress shown;

  /**
   * @param session has the terminal
   * @param quiet whether standard output is for a program
   */
  CopyProgressView(Session session, boolean quiet) {
    boolean terminal = session.err().isTerminal();
    bar = terminal ? new Progress(session.err()) : null;
    lines = terminal || quiet ? null : session.out();
    long pause = terminal ? REDRAW_MILLIS : LINE_MILLIS;
    if (bar != null || lines != null) {
      var unused = thread.scheduleAtFixedRate(this::show, pause, pause, TimeUnit.MILLISECONDS);
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "rkcp-progress");
    thread.setDaemon(true);
    return thread;
  }

  /** Takes note; from any thread, and without waiting. */
  void at(CopyProgress progress) {
    CopyProgress before = now;
    if (before == null || !before.name().equals(progress.name()) || progress.copied() == 0) {
      begunAt = System.nanoTime();
    }
    now = progress;
  }

  private synchronized void show() {
    CopyProgress progress = now;
    if (progress == null || progress.equals(shown)) {
      return;
    }
    shown = progress;
    String text = text(progress, System.nanoTime() - begunAt);
    if (bar != null) {
      bar.at(progress.copied(), progress.total(), text);
    } else if (lines != null) {
      lines.line(text);
      lines.flush();
    }
  }

  /** {@code "step-100: 1.20 GiB of 4.00 GiB, 210 MiB/s"}. */
  static String text(CopyProgress progress, long nanos) {
    String total = progress.total() == 0 ? "" : " of " + Quantity.bytes(progress.total());
    double seconds = Math.max(nanos, 1_000_000) / 1e9;
    return Printable.of(progress.name())
        + ": "
        + Quantity.bytes(progress.copied())
        + total
        + ", "
        + Quantity.bytes((long) (progress.copied() / seconds))
        + "/s";
  }

  /** One is done: nothing moves until the next is begun. */
  synchronized void clear() {
    now = null;
    if (bar != null) {
      bar.clear();
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    clear();
  }
}
