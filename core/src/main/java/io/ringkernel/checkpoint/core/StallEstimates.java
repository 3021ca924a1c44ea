package io.ringkernel.checkpoint.core;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.ringkernel.checkpoint.CaptureReport;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** What captures cost their kernels so far, to tell what the next one would. */
final class StallEstimates {
  /** Of how much an estimate is lowered when it was refused by, so that it is tried again. */
  private static final double FORGETTING = 0.9;

  /** How fast an estimate follows a capture that was slower; a faster one is believed at once. */
  private static final double RISE = 0.25;

  private static final int MOST_KERNELS = 10_000;

  /** One kernel's. */
  static final class Estimate {
    private final Map<CaptureReport.Mode, Double> nanosPerByte =
        new EnumMap<>(CaptureReport.Mode.class);
    private long size;

    /** Notes what one capture cost. */
    synchronized void add(CaptureReport.Mode mode, long bytes, Duration stall) {
      size = bytes;
      double now = stall.toNanos() / (double) Math.max(1, bytes);
      nanosPerByte.merge(
          mode, now, (before, slower) -> Math.min(slower, before + (slower - before) * RISE));
    }

    /** What a capture of so many bytes in a mode would cost; empty when none is known. */
    synchronized Optional<Duration> of(CaptureReport.Mode mode, long bytes) {
      return Optional.ofNullable(nanosPerByte.get(mode))
          .map(known -> Duration.ofNanos((long) (known * bytes)));
    }

    /** What the next capture would cost at least; empty when nothing is known. */
    synchronized Optional<Duration> least() {
      Optional<Duration> shadow = of(CaptureReport.Mode.SHADOW, size);
      Optional<Duration> straight = of(CaptureReport.Mode.STRAIGHT, size);
      return shadow
          .filter(one -> straight.filter(other -> other.compareTo(one) < 0).isEmpty())
          .or(() -> straight);
    }

    /** What was refused is not known for ever. */
    synchronized void forgetSome() {
      nanosPerByte.replaceAll((mode, known) -> known * FORGETTING);
    }
  }

  /** Of kernels that were captured last; who is forgotten is estimated anew. */
  private final Cache<String, Estimate> estimates =
      Caffeine.newBuilder().maximumSize(MOST_KERNELS).executor(Runnable::run).build();

  Estimate of(String kernelId) {
    return estimates.get(kernelId, id -> new Estimate());
  }
}
