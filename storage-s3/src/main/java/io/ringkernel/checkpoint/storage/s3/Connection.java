package io.ringkernel.checkpoint.storage.s3;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.blocking.BlockingOperations;
import io.ringkernel.checkpoint.storage.blocking.IoThreads;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/**
 * The SDK's client, made with the first request: looking for a region may read files and ask the
 * network, and so may looking for credentials, which the SDK does on the thread that sends.
 */
final class Connection {
  /** Requests in flight; more wait for one of these to end. */
  private static final int MOST_CONNECTIONS = 128;

  /**
   * Longer than the SDK's own: a part of a large object may take its time on a slow line, and
   * others wait for it. Not for ever: in version 2.58 a connection that is refused is now and then
   * not told of otherwise.
   */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

  /** They only copy bytes between sockets and buffers. */
  private static final int EVENT_LOOPS =
      Math.min(4, Math.max(2, Runtime.getRuntime().availableProcessors()));

  private static final Duration LONGEST_END = Duration.ofSeconds(2);

  private final S3Options options;
  private final IoThreads threads;
  private @Nullable S3AsyncClient client;
  private @Nullable SdkEventLoopGroup eventLoops;
  private boolean closed;

  Connection(S3Options options, IoThreads threads) {
    this.options = options;
    this.threads = threads;
  }

  /** The client; only to be asked for on threads of our own. */
  synchronized S3AsyncClient client() {
    if (closed) {
      throw BlockingOperations.closed(options.bucket());
    }
    S3AsyncClient made = client == null ? build() : client;
    client = made;
    return made;
  }

  private S3AsyncClient build() {
    // Our own, as the SDK lets its own rest for two seconds before it ends them.
    SdkEventLoopGroup group = SdkEventLoopGroup.builder().numberOfThreads(EVENT_LOOPS).build();
    eventLoops = group;
    S3AsyncClientBuilder builder =
        S3AsyncClient.builder()
            .httpClientBuilder(
                NettyNioAsyncHttpClient.builder()
                    .eventLoopGroup(group)
                    .maxConcurrency(MOST_CONNECTIONS)
                    .maxPendingConnectionAcquires(Integer.MAX_VALUE)
                    .connectionAcquisitionTimeout(LONGEST_WAIT))
            // Ours are sent and checked; the SDK's own would be a trailer that few stores know.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(
                S3Configuration.builder()
                    .pathStyleAccessEnabled(options.pathStyle())
                    .chunkedEncodingEnabled(false)
                    .build())
            .asyncConfiguration(
                async ->
                    async.advancedOption(
                        SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, threads));
    if (options.endpoint() != null) {
      builder.endpointOverride(options.endpoint());
    }
    Region region = region();
    if (region != null) {
      builder.region(region);
    }
    try {
      return builder.build();
    } catch (SdkClientException e) {
      throw new StorageException(
          "s3://"
              + options.bucket()
              + ": "
              + e.getMessage()
              + "; give a region in the URI or in AWS_REGION",
          false,
          e);
    }
  }

  /** Null: by the whole chain, whose last resort, a machine's metadata, no other store has. */
  private @Nullable Region region() {
    if (options.region() != null) {
      return Region.of(options.region());
    }
    if (options.endpoint() == null) {
      return null;
    }
    try {
      return new AwsRegionProviderChain(
              new SystemSettingsRegionProvider(), new AwsProfileRegionProvider())
          .getRegion();
    } catch (SdkClientException e) {
      // Compatible stores want one in the signature, and few look at it.
      return Region.US_EAST_1;
    }
  }

  /** Ends the connections; may block. */
  synchronized void close() {
    closed = true;
    if (client != null) {
      client.close();
    }
    if (eventLoops != null) {
      end(eventLoops.eventLoopGroup());
    }
  }

  private static void end(EventLoopGroup loops) {
    // There the client closes its connections, for which it needs the event loops.
    GlobalEventExecutor.INSTANCE.submit(() -> {}).awaitUninterruptibly();
    for (int round = 0; round < 2; round++) {
      // A cancelled request closes its connection on one loop, and tells of it on another.
      loops.forEach(loop -> loop.submit(() -> {}).awaitUninterruptibly());
    }
    loops
        .shutdownGracefully(0, LONGEST_END.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly();
  }
}
