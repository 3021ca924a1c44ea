package io.ringkernel.checkpoint.storage.gcs;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.StorageException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What to tell of a failed request: name, bucket, the service's reason, and what to do. */
final class Failures {
  private final String bucket;
  private final String place;

  /**
   * @param options tell where it failed
   */
  Failures(GcsOptions options) {
    this.bucket = options.bucket();
    String endpoint = options.endpoint();
    this.place = "the bucket '" + bucket + "'" + (endpoint == null ? "" : " at " + endpoint);
  }

  /**
   * A failure as a caller should see it: what the service or the connection reported becomes a
   * {@link StorageException}, all else stays.
   *
   * @param name what was asked for
   */
  Throwable of(String name, Throwable failure) {
    boolean isOurs = failure instanceof CheckpointException;
    com.google.cloud.storage.StorageException service = RetryRule.serviceFailure(failure);
    if (isOurs || (service == null && !(failure instanceof IOException))) {
      return failure;
    }
    int code = service == null ? 0 : service.getCode();
    Throwable shown = service == null ? failure : service;
    String message =
        "'" + name + "' in " + place + ": " + reason(code, shown) + "; " + advice(code, failure);
    return new StorageException(
        message, RetryRule.isTransient(failure), Redaction.redacted(failure));
  }

  private static String reason(int code, Throwable failure) {
    if (RetryRule.isSilence(failure)) {
      return "the service gave no answer in time";
    }
    String message = String.valueOf(failure.getMessage());
    String line = Redaction.redacted(message.lines().findFirst().orElse("no reason given"));
    return code > 0 && !line.contains(Integer.toString(code)) ? code + " " + line : line;
  }

  private String advice(int code, @Nullable Throwable failure) {
    return switch (code) {
      case 400 -> "the service does not take this request as it is";
      case 401 ->
          "no valid credentials: see to those that the program gives, or else set"
              + " GOOGLE_APPLICATION_CREDENTIALS, or log in with"
              + " gcloud auth application-default login";
      case 403 -> "grant this account the role Storage Object User on the bucket";
      case 404 ->
          "there is no such bucket: correct its name, or create the bucket with"
              + " gcloud storage buckets create gs://"
              + bucket;
      case 410 -> "the upload expired: save again";
      case 429 -> "the service is asked too often: wait and try again";
      default ->
          failure != null && RetryRule.isTransient(failure)
              ? RetryRule.isSilence(failure)
                  ? "check the endpoint and the connection, and try again"
                  : "try again"
              : "check the service's status and the request";
    };
  }
}
