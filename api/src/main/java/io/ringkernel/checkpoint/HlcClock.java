package io.ringkernel.checkpoint;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A hybrid logical clock: each of its timestamps is after every one it gave or was shown before,
 * even if the wall clock stands still or goes back. Safe for any number of threads.
 */
public final class HlcClock {
  private final long nodeId;
  private final Clock wall;
  private final AtomicReference<HlcTimestamp> last;

  /**
   * A clock on the system's UTC time.
   *
   * @param nodeId tells this clock from others; unsigned
   */
  public HlcClock(long nodeId) {
    this(nodeId, Clock.systemUTC());
  }

  /**
   * A clock on a given time.
   *
   * @param nodeId tells this clock from others; unsigned
   * @param wall physical time
   */
  public HlcClock(long nodeId, Clock wall) {
    this.nodeId = nodeId;
    this.wall = wall;
    this.last = new AtomicReference<>(new HlcTimestamp(0, 0, nodeId));
  }

  /** A timestamp for a local event or a message about to be sent. */
  public HlcTimestamp tick() {
    return advance(HlcTimestamp.ZERO);
  }

  /**
   * A timestamp for the receipt of a message: after it and after everything local.
   *
   * @param remote the message's timestamp
   */
  public HlcTimestamp merge(HlcTimestamp remote) {
    return advance(remote);
  }

  /** The last timestamp given, without making one. */
  public HlcTimestamp now() {
    return last.get();
  }

  private HlcTimestamp advance(HlcTimestamp seen) {
    long wallMicros = ChronoUnit.MICROS.between(Instant.EPOCH, wall.instant());
    return last.updateAndGet(
        local -> {
          HlcTimestamp later = local.compareTo(seen) >= 0 ? local : seen;
          if (Long.compareUnsigned(wallMicros, later.physical()) > 0) {
            return new HlcTimestamp(wallMicros, 0, nodeId);
          }
          // The counter can't overflow into the past: it carries into the physical part.
          return later.logical() == -1L
              ? new HlcTimestamp(later.physical() + 1, 0, nodeId)
              : new HlcTimestamp(later.physical(), later.logical() + 1, nodeId);
        });
  }
}
