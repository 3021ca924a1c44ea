package io.ringkernel.checkpoint.storage.gcs;

import java.io.Serial;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes secrets out of texts: the address of an upload lets everybody write to it, and the client
 * puts it into its errors.
 */
final class Redaction {
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)((?:upload_id|access_token|signature|x-goog-signature)=|Bearer )[^&\\s\"'\\]]+");

  private Redaction() {}

  /** The text without its secrets. */
  static String redacted(String text) {
    return SECRET.matcher(text).replaceAll("$1REDACTED");
  }

  /** A cause as it is, if nothing in it is secret; else what it says without the secrets. */
  static Throwable redacted(Throwable cause) {
    return isSecret(cause) ? new RedactedCause(cause) : cause;
  }

  private static boolean isSecret(@Nullable Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (SECRET.matcher(String.valueOf(each.getMessage())).find()) {
        return true;
      }
      for (Throwable suppressed : each.getSuppressed()) {
        if (isSecret(suppressed)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Stands for an error of the client: its type, its message and its stack, without secrets. */
  private static final class RedactedCause extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    RedactedCause(Throwable original) {
      super(
          redacted(original.toString()),
          original.getCause() == null ? null : new RedactedCause(original.getCause()));
      setStackTrace(original.getStackTrace());
      for (Throwable suppressed : original.getSuppressed()) {
        addSuppressed(new RedactedCause(suppressed));
      }
    }
  }
}
