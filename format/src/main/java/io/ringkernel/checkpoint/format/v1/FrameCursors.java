package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.format.wire.Workbench;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * The places where readers of one file's compressed chunks left off. A few are kept while a
 * checkpoint of the file is open; the one unused for longest goes first. Safe for several threads.
 */
final class FrameCursors {
  private static final int MAX_IDLE = 4;

  private final Workbench workbench;
  private final Deque<FrameCursor> idle = new ArrayDeque<>();
  private int openCheckpoints;

  FrameCursors(Workbench workbench) {
    this.workbench = workbench;
  }

  Workbench workbench() {
    return workbench;
  }

  /**
   * Lends a cursor for one piece of work, which must not be cancelled.
   *
   * @param frame what to read
   * @param offset the cursor stands there or before
   * @param work what to do with it; it is closed when that fails
   */
  Mono<Void> use(StoredFrame frame, long offset, Function<FrameCursor, Mono<Void>> work) {
    return Mono.defer(
        () -> {
          FrameCursor cursor = take(frame, offset);
          return work.apply(cursor)
              .doOnError(error -> cursor.close())
              .doOnSuccess(done -> giveBack(cursor));
        });
  }

  synchronized void checkpointOpened() {
    openCheckpoints++;
  }

  synchronized void checkpointClosed() {
    openCheckpoints--;
    if (openCheckpoints == 0) {
      idle.forEach(FrameCursor::close);
      idle.clear();
    }
  }

  private synchronized FrameCursor take(StoredFrame frame, long offset) {
    FrameCursor nearest =
        idle.stream()
            .filter(cursor -> cursor.frame().equals(frame) && cursor.offset() <= offset)
            .max(Comparator.comparingLong(FrameCursor::offset))
            .orElse(null);
    if (nearest == null) {
      return new FrameCursor(frame, workbench);
    }
    idle.remove(nearest);
    return nearest;
  }

  private synchronized void giveBack(FrameCursor cursor) {
    if (openCheckpoints == 0 || cursor.ended()) {
      cursor.close();
      return;
    }
    idle.addLast(cursor);
    if (idle.size() > MAX_IDLE) {
      idle.removeFirst().close();
    }
  }
}
