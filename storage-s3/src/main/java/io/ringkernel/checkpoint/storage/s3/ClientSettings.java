package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.error.StorageException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
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

/** What a client of the SDK is made with: what the program gave, and over it what is needed. */
final class ClientSettings {
  /** Requests in flight; more wait for one of these to end. */
  private static final int MOST_CONNECTIONS = 128;

  /**
   * Longer than the SDK's own: a part of a large object may take its time on a slow line, and
   * others wait for it. Not for ever: in version 2.58 a connection that is refused is now and then
   * not told of otherwise.
   */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

  private final S3Options options;
  private final Consumer<S3AsyncClientBuilder> given;
  private final Executor completions;

  /**
   * @param given called with each builder, before what the URI tells and the storage needs is set
   * @param completions runs what waits for answers
   */
  ClientSettings(S3Options options, Consumer<S3AsyncClientBuilder> given, Executor completions) {
    this.options = options;
    this.given = given;
    this.completions = completions;
  }

  /**
   * A new client; may block.
   *
   * @throws StorageException when that can't be made, with the reason
   */
  S3AsyncClient client(SdkEventLoopGroup eventLoops) {
    S3AsyncClientBuilder builder = S3AsyncClient.builder();
    if (options.endpoint() != null) {
      builder.region(regionOfOthers());
    }
    LentCredentials.areUsedBy(builder, () -> callGiven(builder));
    setPlace(builder);
    setNeeds(builder, eventLoops);
    try {
      return builder.build();
    } catch (SdkClientException e) {
      throw failure(e.getMessage() + "; give a region in the URI or in AWS_REGION", e);
    } catch (RuntimeException | LinkageError e) {
      throw failure("no client can be made of the settings that were given: " + e, e);
    }
  }

  private void callGiven(S3AsyncClientBuilder builder) {
    try {
      given.accept(builder);
    } catch (Throwable e) {
      // Also what no Java method declares, or what Reactor would take for the end of the JVM, and
      // tell nobody.
      throw failure("the settings of its client failed, and are asked for again: " + e, e);
    }
  }

  private StorageException failure(String reason, Throwable cause) {
    return new StorageException("s3://" + options.bucket() + ": " + reason, false, cause);
  }

  private void setPlace(S3AsyncClientBuilder builder) {
    if (options.endpoint() != null) {
      builder.endpointOverride(options.endpoint());
    }
    if (options.region() != null) {
      builder.region(Region.of(options.region()));
    }
    if (options.pathStyle() != null) {
      builder.forcePathStyle(options.pathStyle());
    }
  }

  private void setNeeds(S3AsyncClientBuilder builder, SdkEventLoopGroup eventLoops) {
    builder
        .httpClient(null)
        .httpClientBuilder(
            NettyNioAsyncHttpClient.builder()
                .eventLoopGroup(eventLoops)
                .maxConcurrency(MOST_CONNECTIONS)
                .maxPendingConnectionAcquires(Integer.MAX_VALUE)
                .connectionAcquisitionTimeout(LONGEST_WAIT))
        // Ours are sent and checked; the SDK's own would be a trailer that few stores know.
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
        .serviceConfiguration(S3Configuration.builder().chunkedEncodingEnabled(false).build())
        // Parts are cut here, within the memory that a save may take.
        .multipartEnabled(false)
        .asyncConfiguration(
            async ->
                async.advancedOption(
                    SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, completions));
  }

  /**
   * What is signed for an endpoint where nobody names a region: found as by the whole chain but its
   * last resort, a machine's metadata, which no other store has.
   */
  private static Region regionOfOthers() {
    try {
      return new AwsRegionProviderChain(
              new SystemSettingsRegionProvider(), new AwsProfileRegionProvider())
          .getRegion();
    } catch (SdkClientException e) {
      // Compatible stores want one in the signature, and few look at it.
      return Region.US_EAST_1;
    }
  }
}
