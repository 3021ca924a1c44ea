package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StorageOptions;
import java.util.Objects;
import java.util.function.Consumer;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;

/**
 * Stores in S3 for programs that have credentials and client settings of their own: those of a
 * framework, an assumed role, interceptors, metrics.
 *
 * <p>A whole client can't be given: the storage needs one with its own HTTP client, threads and
 * checksum settings.
 */
public final class S3Storages {
  private S3Storages() {}

  /**
   * A store, as {@link io.ringkernel.checkpoint.storage.CheckpointStorages#open} opens it, whose
   * client is set up by the caller first.
   *
   * <p>The settings are called once, when the first request makes the client, on a thread of the
   * storage's own. They may block there; other requests wait meanwhile. If they throw, or no client
   * can be made of what they set, the request fails with a {@link
   * io.ringkernel.checkpoint.error.StorageException} that names the bucket and has the failure as
   * its cause. The next request calls them again, with a new builder.
   *
   * <p>What the storage needs is set after them, and wins: {@code httpClient} and {@code
   * httpClientBuilder}, {@code asyncConfiguration}, {@code serviceConfiguration} (use the builder's
   * own {@code accelerate}, {@code dualstackEnabled} and so on), {@code multipartEnabled}, {@code
   * requestChecksumCalculation} and {@code responseChecksumValidation}; and whatever the URI says
   * of region, endpoint and path style. Everything else is left to the caller: {@code
   * credentialsProvider}, {@code overrideConfiguration} with its interceptors, metric publishers,
   * timeouts and retries. The storage never closes what the caller gave, not even a credentials
   * provider, which the SDK's own client would close.
   *
   * @param uri {@code s3://bucket/prefix}, with the parameters of {@link S3StorageProvider}
   * @param settings sets up a client's builder and does not build it
   * @return a storage; the caller closes it, after any {@code Checkpointer} that was built on it
   * @throws InvalidOptionException for another scheme, or a location or parameter that can't be
   *     used
   */
  public static CheckpointStorage open(String uri, Consumer<S3AsyncClientBuilder> settings) {
    Objects.requireNonNull(settings, "settings");
    StorageOptions options = StorageOptions.parse(uri);
    if (!options.scheme().equals(S3StorageProvider.SCHEME)) {
      throw new InvalidOptionException(
          "store",
          "'" + options.scheme() + ":' is another storage's; write it as s3://bucket/prefix",
          null);
    }
    return new S3Storage(S3Options.parse(options), settings, TimeLimits.DEFAULT);
  }
}
