package io.ringkernel.checkpoint.core;

import java.util.Arrays;
import reactor.core.publisher.Mono;

/**
 * How fast a storage reads, as measured by the reads that are made anyway: seconds for a request,
 * and bytes for each second beyond them. The two are believed together or not at all, since what
 * they are for is a ratio.
 *
 * <p>Of the last few measurements of a kind the quicker ones count: what makes a read slower than
 * the storage is (classes that are loaded, code that is not compiled yet, a connection that is
 * made, a pause) is no property of the storage, and nothing makes one quicker.
 */
final class ReadSpeed {
  /** Until there are measurements: a local disk. */
  private static final double FIRST_BYTES_PER_SECOND = 1e9;

  private static final double FIRST_SECONDS_PER_REQUEST = 0.2e-3;

  /** A read up to here tells what a request costs; one from there on, how fast bytes come. */
  private static final long SHORT = 64 << 10;

  private static final long LONG = 512 << 10;

  private final Recent secondsPerRequest = new Recent();
  private final Recent secondsPerByte = new Recent();
  private int underWay;
  private long begun;

  /** Measures a read. */
  <T> Mono<T> measured(long length, Mono<T> read) {
    return Mono.defer(
        () -> {
          Measurement measurement = begin(length);
          return read.doOnSuccess(done -> end(measurement, true))
              .doOnError(e -> end(measurement, false))
              .doOnCancel(() -> end(measurement, false));
        });
  }

  /** A read under way. */
  private static final class Measurement {
    final long length;
    final long startedAt = System.nanoTime();

    /** Together with {@code number} tells whether others were under way meanwhile. */
    final boolean first;

    final long number;
    boolean ended;

    Measurement(long length, boolean first, long number) {
      this.length = length;
      this.first = first;
      this.number = number;
    }
  }

  private synchronized Measurement begin(long length) {
    begun++;
    return new Measurement(length, underWay++ == 0, begun);
  }

  /** Some who have what they asked for cancel all the same: only the first end counts. */
  private synchronized void end(Measurement of, boolean whole) {
    if (of.ended) {
      return;
    }
    of.ended = true;
    underWay--;
    boolean alone = of.first && begun == of.number;
    // A short one that waited for others tells nothing of itself; long ones always have company.
    if (whole && (alone || of.length > SHORT)) {
      add(of.length, System.nanoTime() - of.startedAt);
    }
  }

  synchronized void add(long length, long nanos) {
    double seconds = Math.max(1, nanos) / 1e9;
    if (length <= SHORT) {
      secondsPerRequest.add(seconds);
    } else if (length >= LONG) {
      double request = secondsPerRequest.orElse(FIRST_SECONDS_PER_REQUEST);
      secondsPerByte.add(Math.max(seconds - request, seconds / 2) / length);
    }
  }

  synchronized double bytesPerSecond() {
    return isKnown() ? 1 / secondsPerByte.orElse(1) : FIRST_BYTES_PER_SECOND;
  }

  synchronized double secondsPerRequest() {
    return isKnown() ? secondsPerRequest.orElse(1) : FIRST_SECONDS_PER_REQUEST;
  }

  private boolean isKnown() {
    return secondsPerRequest.isKnown() && secondsPerByte.isKnown();
  }

  /** The last measurements of one kind, but for the very first, which pays for all beginnings. */
  private static final class Recent {
    private static final int MOST = 16;

    private final double[] values = new double[MOST];
    private long measured;

    void add(double value) {
      if (measured > 0) {
        values[(int) ((measured - 1) % MOST)] = value;
      }
      measured++;
    }

    boolean isKnown() {
      return measured > 1;
    }

    /** What a quarter of them stay below: not the best, which may be a fluke. */
    double orElse(double unknown) {
      int count = (int) Math.min(MOST, measured - 1);
      if (count < 1) {
        return unknown;
      }
      double[] sorted = Arrays.copyOf(values, count);
      Arrays.sort(sorted);
      return sorted[count / 4];
    }
  }
}
