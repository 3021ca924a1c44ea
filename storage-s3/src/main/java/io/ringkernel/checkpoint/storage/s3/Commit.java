package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Response;

/**
 * The request that makes a save visible, its condition, and what becomes of it.
 *
 * <p>The condition is in the request itself ({@code If-None-Match}, {@code If-Match}), so that
 * nothing can come between. An expected version is looked at just before, too, since equal contents
 * have equal ETags. When the answer is lost or may be that to a repetition, the nonce of what is
 * there tells whether it is ours.
 */
final class Commit {
  private final Bucket bucket;
  private final String name;
  private final SaveOptions options;
  private final Nonce nonce;

  Commit(Bucket bucket, String name, SaveOptions options, Nonce nonce) {
    this.bucket = bucket;
    this.name = name;
    this.options = options;
    this.nonce = nonce;
  }

  /**
   * Refuses what can be refused already.
   *
   * @return what is there, if that had to be asked; else empty
   */
  Mono<ObjectState> check() {
    if (options.isOnlyIfAbsent()) {
      return bucket
          .head(name)
          .flatMap(present -> Mono.error(() -> new AlreadyExistsException(name)));
    }
    return Mono.justOrEmpty(options.expectedVersion())
        .flatMap(
            expected ->
                bucket
                    .head(name)
                    .switchIfEmpty(
                        Mono.error(() -> new ChangedMeanwhileException(name, expected, null)))
                    .map(present -> present.requireVersion(expected)));
  }

  /** Makes an object of one part visible. */
  Mono<StoredObject> put(Part part) {
    long size = part.size();
    return options.expectedVersion().isPresent()
        ? check().flatMap(present -> replace(part, present))
        : settled(size, bucket.put(name, options, nonce.text(), part).map(Written::of));
  }

  /**
   * Equal bytes would have an equal ETag, and then nobody else's condition on the old one would
   * fail. As a multipart upload they have another.
   */
  private Mono<StoredObject> replace(Part part, ObjectState present) {
    boolean isSame =
        part.size() == present.object().size() && part.md5().equals(present.version().etag());
    return isSame
        ? putAsUpload(part)
        : settled(part.size(), bucket.put(name, options, nonce.text(), part).map(Written::of));
  }

  private Mono<StoredObject> putAsUpload(Part part) {
    return bucket
        .createUpload(name, options, nonce.text())
        .flatMap(
            uploadId ->
                bucket
                    .uploadPart(name, uploadId, 1, part)
                    .flatMap(
                        sent ->
                            settled(part.size(), completed(uploadId, List.of(sent), part.crc32c())))
                    .onErrorResume(
                        failure ->
                            bucket
                                .abort(name, uploadId)
                                .doOnError(failure::addSuppressed)
                                .onErrorComplete()
                                .then(Mono.<StoredObject>error(failure))));
  }

  /** Makes a multipart upload visible. */
  Mono<StoredObject> complete(
      String uploadId, List<CompletedPart> parts, String crc32c, long size) {
    Mono<StoredObject> completing = settled(size, completed(uploadId, parts, crc32c));
    return options.expectedVersion().isPresent() ? check().then(completing) : completing;
  }

  private Mono<Written> completed(String uploadId, List<CompletedPart> parts, String crc32c) {
    return bucket.complete(name, options, uploadId, parts, crc32c).map(Written::of);
  }

  /** What an answer to a write tells. */
  private record Written(String etag, Instant when) {
    static Written of(PutObjectResponse response) {
      return new Written(response.eTag(), date(response));
    }

    static Written of(CompleteMultipartUploadResponse response) {
      return new Written(response.eTag(), date(response));
    }

    private static Instant date(S3Response response) {
      try {
        return response
            .sdkHttpResponse()
            .firstMatchingHeader("Date")
            .map(text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME))
            .map(ZonedDateTime::toInstant)
            .orElseGet(Written::now);
      } catch (DateTimeParseException e) {
        return now();
      }
    }

    private static Instant now() {
      return Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }
  }

  private Mono<StoredObject> settled(long size, Mono<Written> write) {
    return write
        .flatMap(written -> told(size, written))
        .onErrorResume(
            failure -> !(failure instanceof CheckpointException), failure -> explain(failure));
  }

  /** Only a look tells when the service says that it was stored. It may be replaced already. */
  private Mono<StoredObject> told(long size, Written written) {
    ObjectVersion version = new ObjectVersion(ObjectVersion.unquoted(written.etag()), nonce.text());
    StoredObject known =
        new StoredObject(name, size, version.toString(), written.when(), options.attributes());
    return bucket
        .head(name)
        .filter(present -> present.version().equals(version))
        .map(ObjectState::object)
        .onErrorResume(failure -> Mono.empty())
        .defaultIfEmpty(known);
  }

  private Mono<StoredObject> explain(Throwable failure) {
    Throwable reason = bucket.failures().of(name, failure);
    if (!Failures.isAmbiguous(failure)) {
      return Mono.error(reason);
    }
    return bucket
        .head(name)
        .map(Optional::of)
        .defaultIfEmpty(Optional.empty())
        .onErrorMap(
            look -> {
              if (look != reason) {
                reason.addSuppressed(look);
              }
              return reason;
            })
        .flatMap(found -> outcome(failure, reason, found.orElse(null)));
  }

  private Mono<StoredObject> outcome(
      Throwable failure, Throwable reason, @Nullable ObjectState present) {
    if (present != null && present.version().mark().equals(nonce.text())) {
      return Mono.just(present.object());
    }
    int status = Failures.status(failure);
    boolean isRefusal =
        status == Failures.PRECONDITION_FAILED
            || status == Failures.CONFLICT
            || (status == Failures.NOT_FOUND && Failures.code(failure).equals("NoSuchKey"));
    return Mono.error(isRefusal ? refusal(status, reason, present) : reason);
  }

  /** A conflict may mean no more than that somebody else was about to write. */
  private Throwable refusal(int status, Throwable reason, @Nullable ObjectState present) {
    String found = present == null ? null : present.object().version();
    String expected = options.expectedVersion().orElse(null);
    boolean isConflict = status == Failures.CONFLICT;
    if (expected != null && !(isConflict && expected.equals(found))) {
      return new ChangedMeanwhileException(name, expected, found);
    }
    return options.isOnlyIfAbsent() && !(isConflict && present == null)
        ? new AlreadyExistsException(name)
        : reason;
  }
}
