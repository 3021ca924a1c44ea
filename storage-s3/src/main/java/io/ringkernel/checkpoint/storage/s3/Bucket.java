package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.blocking.IoThreads;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkServiceClientConfiguration;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/**
 * The requests to one bucket, by the names of a store. Each subscription sends one, from a thread
 * of our own; cancelling ends it. They fail as the SDK has it.
 */
final class Bucket {
  private final S3Options options;
  private final Connection connection;
  private final Scheduler scheduler;
  private final TimeLimits limits;
  private final Failures failures;

  /**
   * @param limits of requests that carry little
   * @param failures tells what failed
   */
  Bucket(
      S3Options options,
      Connection connection,
      IoThreads threads,
      TimeLimits limits,
      Failures failures) {
    this.options = options;
    this.connection = connection;
    this.limits = limits;
    this.failures = failures;
    this.scheduler = Schedulers.fromExecutor(threads);
  }

  Failures failures() {
    return failures;
  }

  String key(String name) {
    return options.prefix() + name;
  }

  /** What is there, or empty when nothing is. */
  Mono<ObjectState> head(String name) {
    HeadObjectRequest.Builder request =
        HeadObjectRequest.builder().bucket(options.bucket()).key(key(name));
    if (options.checksums()) {
      request.checksumMode(ChecksumMode.ENABLED);
    }
    return send(client ->
            client.headObject(request.overrideConfiguration(limits.of(client, 0)).build()))
        .map(response -> ObjectState.of(name, response))
        .onErrorResume(
            // An answer without a body has no code: a missing bucket can't be told from this.
            failure -> Failures.status(failure) == Failures.NOT_FOUND,
            failure -> Mono.empty());
  }

  /** Stores an object in one request. */
  Mono<PutObjectResponse> put(String name, SaveOptions condition, String nonce, Part part) {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(options.bucket())
            .key(key(name))
            .metadata(Metadata.of(nonce, condition.attributes()))
            .ifNoneMatch(ifNoneMatch(condition))
            .ifMatch(ifMatch(condition));
    if (options.checksums()) {
      request.checksumCRC32C(part.crc32c());
    }
    return send(
        client ->
            client.putObject(
                request.overrideConfiguration(limits.of(client, part.size())).build(),
                part.body()));
  }

  /** Begins a multipart upload and tells its id. */
  Mono<String> createUpload(String name, SaveOptions condition, String nonce) {
    return send(client ->
            client.createMultipartUpload(
                request -> {
                  request
                      .overrideConfiguration(limits.of(client, 0))
                      .bucket(options.bucket())
                      .key(key(name))
                      .metadata(Metadata.of(nonce, condition.attributes()));
                  if (options.checksums()) {
                    request
                        .checksumAlgorithm(ChecksumAlgorithm.CRC32_C)
                        .checksumType(ChecksumType.FULL_OBJECT);
                  }
                }))
        .map(response -> response.uploadId());
  }

  /** Sends a part, and tells what the completion wants to know of it. */
  Mono<CompletedPart> uploadPart(String name, String uploadId, int number, Part part) {
    UploadPartRequest.Builder request =
        UploadPartRequest.builder()
            .bucket(options.bucket())
            .key(key(name))
            .uploadId(uploadId)
            .partNumber(number);
    CompletedPart.Builder completed = CompletedPart.builder().partNumber(number);
    if (options.checksums()) {
      request.checksumCRC32C(part.crc32c());
      completed.checksumCRC32C(part.crc32c());
    }
    return send(client -> client.uploadPart(request.build(), part.body()))
        .map(response -> completed.eTag(response.eTag()).build());
  }

  /** Makes the parts an object. */
  Mono<CompleteMultipartUploadResponse> complete(
      String name,
      SaveOptions condition,
      String uploadId,
      List<CompletedPart> parts,
      String crc32c) {
    return send(
        client ->
            client.completeMultipartUpload(
                request -> {
                  request
                      .bucket(options.bucket())
                      .key(key(name))
                      .uploadId(uploadId)
                      .ifNoneMatch(ifNoneMatch(condition))
                      .ifMatch(ifMatch(condition))
                      .multipartUpload(upload -> upload.parts(parts));
                  if (options.checksums()) {
                    request.checksumCRC32C(crc32c).checksumType(ChecksumType.FULL_OBJECT);
                  }
                }));
  }

  /** Gives up a multipart upload and its parts; one that is gone already is no failure. */
  Mono<Void> abort(String name, String uploadId) {
    return send(client ->
            client.abortMultipartUpload(
                request ->
                    request
                        .overrideConfiguration(limits.of(client, 0))
                        .bucket(options.bucket())
                        .key(key(name))
                        .uploadId(uploadId)))
        .onErrorResume(
            failure -> Failures.status(failure) == Failures.NOT_FOUND, failure -> Mono.empty())
        .then();
  }

  /** Whether a delete takes the version that it names or nothing, however late it is done. */
  boolean deletesExactly() {
    return options.conditionalDelete() == ConditionalDelete.HONOURED;
  }

  /**
   * Removes an object. Where that can't be conditional for certain, it is asked for once: a second
   * request could be done when the first had been, and something new is there.
   *
   * @param version the only one to remove, as far as the store can tell
   */
  Mono<Void> delete(String name, ObjectVersion version) {
    DeleteObjectRequest.Builder request =
        DeleteObjectRequest.builder().bucket(options.bucket()).key(key(name));
    if (options.conditionalDelete() != ConditionalDelete.REFUSED) {
      request.ifMatch(version.quotedEtag());
    }
    return send(client ->
            client.deleteObject(
                request
                    .overrideConfiguration(limits.of(client, 0).andThen(this::askOnceIfLate))
                    .build()))
        .then();
  }

  /**
   * One page of the keys with a prefix.
   *
   * @param token where the page before it ended, or null for the first
   */
  Mono<ListObjectsV2Response> page(String prefix, @Nullable String token) {
    return send(
        client ->
            client.listObjectsV2(
                request ->
                    request
                        .overrideConfiguration(limits.of(client, 0))
                        .bucket(options.bucket())
                        .prefix(key(prefix))
                        .encodingType(EncodingType.URL)
                        .continuationToken(token)));
  }

  /** The name that a listed key stands for. */
  String name(String key) {
    return key.substring(options.prefix().length());
  }

  /**
   * Reads bytes.
   *
   * @param range not empty
   * @param etag the only content to read, quoted, or null for any
   * @param awaited how many of them are waited for before the answer is there
   * @param transformer takes the answer
   */
  <T> Mono<T> get(
      String name,
      Range range,
      @Nullable String etag,
      long awaited,
      AsyncResponseTransformer<GetObjectResponse, T> transformer) {
    GetObjectRequest.Builder request =
        GetObjectRequest.builder()
            .bucket(options.bucket())
            .key(key(name))
            .range(header(range))
            .ifMatch(etag);
    return send(
        client ->
            client.getObject(
                request
                    .overrideConfiguration(limits.of(client, awaited).andThen(this::askForChecksum))
                    .build(),
                transformer));
  }

  /** Not by the SDK's setting: it would hold a whole object's checksum against a range. */
  private void askForChecksum(AwsRequestOverrideConfiguration.Builder read) {
    if (options.checksums()) {
      read.putHeader("x-amz-checksum-mode", "ENABLED");
    }
  }

  private void askOnceIfLate(AwsRequestOverrideConfiguration.Builder delete) {
    if (!deletesExactly()) {
      delete.addPlugin(Bucket::askOnce);
    }
  }

  private static void askOnce(SdkServiceClientConfiguration.Builder client) {
    client.overrideConfiguration(
        client.overrideConfiguration().toBuilder()
            .retryStrategy(AwsRetryStrategy.doNotRetry())
            .build());
  }

  private static String header(Range range) {
    if (range.isSuffix()) {
      return "bytes=-" + range.length();
    }
    return range.length() > Long.MAX_VALUE - range.offset()
        ? "bytes=" + range.offset() + "-"
        : "bytes=" + range.offset() + "-" + (range.offset() + range.length() - 1);
  }

  private static @Nullable String ifNoneMatch(SaveOptions condition) {
    return condition.isOnlyIfAbsent() ? "*" : null;
  }

  private static @Nullable String ifMatch(SaveOptions condition) {
    return condition
        .expectedVersion()
        .map(version -> ObjectVersion.parse(version).quotedEtag())
        .orElse(null);
  }

  /** One request, on a thread of our own. */
  <T> Mono<T> send(Function<S3AsyncClient, CompletableFuture<T>> request) {
    return Mono.fromFuture(() -> answer(request)).subscribeOn(scheduler);
  }

  /**
   * What comes of a request. Where the SDK's classes don't fit together, or memory is short,
   * Reactor would take the error for the end of the process, and tell no subscriber.
   */
  private <T> CompletableFuture<T> answer(Function<S3AsyncClient, CompletableFuture<T>> request) {
    try {
      return request.apply(connection.client());
    } catch (LinkageError | VirtualMachineError e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
