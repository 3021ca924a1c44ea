package io.ringkernel.checkpoint.storage.s3;

import java.time.Duration;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.services.s3.S3AsyncClient;

/**
 * How long a request may take that carries little: a server that takes connections and answers
 * nothing is told of after two tries, and what moves slowly is not given up. Where a program has
 * set limits itself, those count. Requests that carry much have none but the HTTP client's on
 * silence.
 *
 * @param attempt for one try
 * @param call for all of them
 */
record TimeLimits(Duration attempt, Duration call) {
  /** As a program has it. */
  static final TimeLimits DEFAULT = new TimeLimits(Duration.ofSeconds(15), Duration.ofSeconds(30));

  /** What carries more is not small. */
  private static final long MOST_BYTES = 1 << 20;

  private static final long SLOWEST_BYTES_PER_SECOND = 8 << 10;

  /**
   * What sets the limits of a request.
   *
   * @param bytes that go with it, or come back until it is answered
   */
  Consumer<AwsRequestOverrideConfiguration.Builder> of(S3AsyncClient client, long bytes) {
    ClientOverrideConfiguration given = client.serviceClientConfiguration().overrideConfiguration();
    boolean isLimited =
        given.apiCallTimeout().isPresent() || given.apiCallAttemptTimeout().isPresent();
    if (bytes > MOST_BYTES || isLimited) {
      return request -> {};
    }
    Duration moving = Duration.ofSeconds(bytes / SLOWEST_BYTES_PER_SECOND);
    return request ->
        request
            .apiCallAttemptTimeout(attempt.plus(moving))
            .apiCallTimeout(call.plus(moving.multipliedBy(2)));
  }
}
