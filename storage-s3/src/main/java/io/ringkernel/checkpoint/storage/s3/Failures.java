package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.error.StorageException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What to tell of a request that failed: name, the service's word, and what to do. */
final class Failures {
  static final int NOT_FOUND = 404;
  static final int CONFLICT = 409;
  static final int PRECONDITION_FAILED = 412;
  static final int RANGE_NOT_SATISFIABLE = 416;

  /** How the SDK begins a page of what each provider of its chain says. */
  private static final String NO_CREDENTIALS = "Unable to load credentials from any of";

  /** Of stores that keep objects as files, and take not every key. */
  private static final Set<String> REFUSALS_OF_NAMES =
      Set.of("XMinioInvalidObjectName", "XMinioInvalidResourceName", "KeyTooLongError");

  private final S3Options options;

  /**
   * @param options tell where it failed
   */
  Failures(S3Options options) {
    this.options = options;
  }

  /**
   * A failure as a caller should see it: what the SDK reports, or can't do with the classes and the
   * memory that are there, becomes a {@link CheckpointException}, all else stays.
   *
   * @param name what was asked for
   */
  Throwable of(String name, Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof S3Exception e) {
      return service(name, e);
    }
    if (cause instanceof LinkageError e) {
      return mismatch(name, e);
    }
    if (cause instanceof VirtualMachineError e) {
      String help = "; the process may need more memory";
      return new StorageException(subject(name) + ": " + e + help, false, e);
    }
    return cause instanceof SdkException e ? client(name, e) : cause;
  }

  private static StorageException mismatch(String name, LinkageError failure) {
    return new StorageException(
        subject(name)
            + ": the classes of the AWS SDK don't fit together ("
            + failure
            + "); see that no other BOM changes the versions of software.amazon.awssdk and io.netty"
            + " that storage-s3 asks for",
        false,
        failure);
  }

  /** The HTTP status of a service's answer; 0 when the failure is none. */
  static int status(Throwable failure) {
    return failure instanceof S3Exception e ? e.statusCode() : 0;
  }

  /** The service's own word for a failure, or an empty text. */
  static String code(Throwable failure) {
    boolean hasCode =
        failure instanceof S3Exception e
            && e.awsErrorDetails() != null
            && e.awsErrorDetails().errorCode() != null;
    return hasCode ? ((S3Exception) failure).awsErrorDetails().errorCode() : "";
  }

  /** Whether a write may have been done all the same. */
  static boolean isAmbiguous(Throwable failure) {
    int status = status(failure);
    return (status == 0 && failure instanceof SdkException)
        || status == NOT_FOUND
        || status == CONFLICT
        || status == PRECONDITION_FAILED
        || status >= 500;
  }

  private CheckpointException service(String name, S3Exception failure) {
    String code = code(failure);
    return switch (failure.statusCode()) {
      case 301, 307, 400 ->
          REFUSALS_OF_NAMES.contains(code)
              ? new InvalidNameException(name, "this store refuses it (" + code + ")")
              : storage(
                  name,
                  failure,
                  code,
                  code.equals("InvalidBucketName")
                      ? "no bucket has such a name: correct it"
                      : "check the region, the endpoint and path-style",
                  false);
      case 401, 403 ->
          storage(name, failure, code, "check the credentials and what they allow", false);
      case NOT_FOUND ->
          code.equals("NoSuchBucket")
              ? storage(name, failure, code, noBucket(), false)
              : code.equals("NoSuchUpload")
                  ? storage(name, failure, code, "somebody ended this upload: save again", true)
                  : new CheckpointNotFoundException(name);
      case 408, CONFLICT, 429 -> storage(name, failure, code, "try again", true);
      case 501 ->
          storage(
              name,
              failure,
              code,
              "this store lacks what is needed: see checksums and conditional-delete in docs/storage-s3.md",
              false);
      default -> storage(name, failure, code, "try again later", failure.statusCode() >= 500);
    };
  }

  private String noBucket() {
    String at = options.endpoint() == null ? "" : " --endpoint-url " + options.endpoint();
    return "there is no such bucket: correct its name, or make it with aws%s s3 mb s3://%s"
        .formatted(at, options.bucket());
  }

  private StorageException storage(
      String name, S3Exception failure, String code, String help, boolean isTransient) {
    return new StorageException(
        subject(name)
            + " in "
            + options.place()
            + ": the store answered "
            + failure.statusCode()
            + (code.isEmpty() ? "" : " " + code)
            + "; "
            + help,
        isTransient,
        failure);
  }

  /** What was asked for; who lists everything asks for no name. */
  private static String subject(String name) {
    return name.isEmpty() ? "all names" : "'" + name + "'";
  }

  private StorageException client(String name, SdkException failure) {
    String message = message(failure);
    if (message.startsWith(NO_CREDENTIALS)) {
      return new StorageException(
          subject(name)
              + ": there are no credentials for the store; set AWS_ACCESS_KEY_ID and"
              + " AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine a role",
          false,
          failure);
    }
    boolean isSettings =
        failure instanceof SdkClientException
            && (message.contains("credentials") || message.contains("region"));
    return new StorageException(
        subject(name)
            + " in "
            + options.place()
            + ": "
            + message
            + (isSettings ? "" : "; check the endpoint and the connection, and try again"),
        !isSettings,
        failure);
  }

  private static String message(SdkException failure) {
    // Its own words don't say what was waited for.
    return isSilence(failure)
        ? "the store gave no answer in time"
        : String.valueOf(failure.getMessage());
  }

  /** The limit that ended it is a cause of what is told of the last try. */
  private static boolean isSilence(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof ApiCallTimeoutException
          || each instanceof ApiCallAttemptTimeoutException) {
        return true;
      }
    }
    return false;
  }

  /** What arrived is not what was asked for. */
  static StorageException otherRange(String name) {
    return damaged(name, "the store sent another range than asked for", null);
  }

  /** Something that arrived is not what was stored. */
  static StorageException damaged(String name, String what, @Nullable Throwable cause) {
    return new StorageException(
        subject(name) + ": " + what + "; read it again, and if that fails too, it is lost",
        true,
        cause);
  }
}
