package io.ringkernel.checkpoint;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A hybrid logical clock: each of its timestamps is after every one that it gave or received
 * before, even if the wall clock stands still or goes back. Safe for any number of threads.
 */
public final class HlcClock {
  private final long nodeId;
  private final Clock wall;
  private HlcTimestamp last;

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
    this.last = new HlcTimestamp(0, 0, nodeId);
  }

  /** A timestamp for a local event or a message about to be sent. */
  public HlcTimestamp tick() {
    return advance(HlcTimestamp.ZERO);
  }

  /**
   * A timestamp for the receipt of a message: after that message's and after everything local.
   *
   * @param remote the message's timestamp
   * @throws IllegalArgumentException when it is the largest timestamp, so that none can follow
   */
  public HlcTimestamp merge(HlcTimestamp remote) {
    return advance(remote);
  }

  /** The last timestamp given, without making one. */
  public synchronized HlcTimestamp now() {
    return last;
  }

  private synchronized HlcTimestamp advance(HlcTimestamp seen) {
    // Before 1970 it would be negative, which unsigned is the far future.
    long wallMicros = Math.max(0, ChronoUnit.MICROS.between(Instant.EPOCH, wall.instant()));
    HlcTimestamp later = last.compareTo(seen) >= 0 ? last : seen;
    if (Long.compareUnsigned(wallMicros, later.physical()) > 0) {
      last = new HlcTimestamp(wallMicros, 0, nodeId);
    } else if (later.logical() == -1L && later.physical() == -1L) {
      throw new IllegalArgumentException("no timestamp comes after " + later);
    } else if (later.logical() == -1L) {
      // The counter carries into the physical part, so it can't fall back into the past.
      last = new HlcTimestamp(later.physical() + 1, 0, nodeId);
    } else {
      last = new HlcTimestamp(later.physical(), later.logical() + 1, nodeId);
    }
    return last;
  }
}
