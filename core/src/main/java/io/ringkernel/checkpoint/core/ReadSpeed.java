package io.ringkernel.checkpoint.core;

import reactor.core.publisher.Mono;

/**
 * How fast a storage reads, as measured by the reads that are made anyway: seconds for a request,
 * and bytes for each second beyond them. Old measurements count less and less.
 */
final class ReadSpeed {
  /** Until there is a measurement: a local disk. */
  private static final double FIRST_BYTES_PER_SECOND = 1e9;

  private static final double FIRST_SECONDS_PER_REQUEST = 0.2e-3;

  /** A read up to here tells what a request costs; one from there on, how fast bytes come. */
  private static final long SHORT = 64 << 10;

  private static final long LONG = 512 << 10;

  /** What the newest measurement counts. */
  private static final double WEIGHT = 0.1;

  private double bytesPerSecond = FIRST_BYTES_PER_SECOND;
  private double secondsPerRequest = FIRST_SECONDS_PER_REQUEST;

  /** Measures a read. */
  <T> Mono<T> measured(long length, Mono<T> read) {
    return Mono.defer(
        () -> {
          long startedAt = System.nanoTime();
          return read.doOnSuccess(done -> add(length, System.nanoTime() - startedAt));
        });
  }

  synchronized void add(long length, long nanos) {
    double seconds = Math.max(1, nanos) / 1e9;
    if (length <= SHORT) {
      secondsPerRequest += WEIGHT * (seconds - secondsPerRequest);
    } else if (length >= LONG) {
      double transferring = Math.max(seconds - secondsPerRequest, seconds / 2);
      // Times are averaged, not rates: one hasty read must not outweigh the others.
      bytesPerSecond =
          1 / (1 / bytesPerSecond + WEIGHT * (transferring / length - 1 / bytesPerSecond));
    }
  }

  synchronized double bytesPerSecond() {
    return bytesPerSecond;
  }

  synchronized double secondsPerRequest() {
    return secondsPerRequest;
  }
}
