package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Removes objects and tells whether it did: the service's own answer is the same when there was
 * nothing. A look comes first, and the removal names the ETag that was seen.
 */
final class Deletion {
  /** Replaced that often between a look and the removal: then it is told. */
  private static final int MOST_TRIES = 20;

  private final Bucket bucket;

  Deletion(Bucket bucket) {
    this.bucket = bucket;
  }

  Mono<Boolean> delete(String name, @Nullable String expectedVersion) {
    return expectedVersion == null ? any(name, 1) : only(name, expectedVersion);
  }

  private Mono<Boolean> any(String name, int tries) {
    return bucket
        .head(name)
        .flatMap(
            present ->
                remove(name, present.version())
                    .onErrorResume(isAnswerless(), failure -> isGone(name, failure))
                    .onErrorResume(
                        failure -> isOtherwise(failure) && tries < MOST_TRIES,
                        failure -> any(name, tries + 1)))
        .defaultIfEmpty(false);
  }

  private Mono<Boolean> only(String name, String expected) {
    return bucket
        .head(name)
        .switchIfEmpty(gone(name, expected))
        .flatMap(
            present ->
                remove(name, present.requireVersion(expected).version())
                    .onErrorResume(
                        // Else another may have removed it, and this remove what comes next.
                        isAnswerless().and(failure -> bucket.deletesExactly()),
                        failure -> isGone(name, failure)))
        .flatMap(removed -> removed ? Mono.just(true) : gone(name, expected))
        .onErrorResume(
            Deletion::isOtherwise,
            failure ->
                bucket
                    .head(name)
                    .switchIfEmpty(gone(name, expected))
                    .flatMap(
                        now -> {
                          now.requireVersion(expected);
                          return Mono.error(failure);
                        }));
  }

  private static <T> Mono<T> gone(String name, String expected) {
    return Mono.error(() -> new ChangedMeanwhileException(name, expected, null));
  }

  /** Whether this removed it; fails when something else is there. */
  private Mono<Boolean> remove(String name, ObjectVersion version) {
    return bucket
        .delete(name, version)
        .thenReturn(true)
        .onErrorResume(
            failure -> Failures.status(failure) == Failures.NOT_FOUND,
            failure -> Mono.just(isRepetition(failure)));
  }

  private static Predicate<Throwable> isAnswerless() {
    return failure -> Failures.isAmbiguous(failure) && !isOtherwise(failure);
  }

  /** No answer came: if nothing is there any more, it was removed. */
  private Mono<Boolean> isGone(String name, Throwable failure) {
    return bucket
        .head(name)
        .hasElement()
        .onErrorMap(look -> failure)
        .flatMap(isThere -> isThere ? Mono.error(failure) : Mono.just(true));
  }

  /** It is gone, and an earlier try, whose answer was lost, will have been the one. */
  private static boolean isRepetition(Throwable failure) {
    return failure instanceof SdkException e && e.numAttempts() != null && e.numAttempts() > 1;
  }

  private static boolean isOtherwise(Throwable failure) {
    int status = Failures.status(failure);
    return status == Failures.PRECONDITION_FAILED || status == Failures.CONFLICT;
  }
}
