package io.ringkernel.checkpoint.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A compression code that nothing on the class path or module path implements, or whose
 * implementation failed with an error, for example because it was built for another version of its
 * library.
 */
public final class CodecUnavailableException extends ContentException {
  @Serial private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * @param code the compression code that was needed
   * @param message what is missing, what is present, and which artifact to add
   * @param cause why a present provider could not be loaded or used, or null
   */
  public CodecUnavailableException(int code, String message, @Nullable Throwable cause) {
    this(null, code, message, cause);
  }

  private CodecUnavailableException(
      @Nullable String checkpoint, int code, String finding, @Nullable Throwable cause) {
    super(checkpoint, finding, cause);
    this.code = code;
  }

  @Override
  CodecUnavailableException named(String name) {
    return new CodecUnavailableException(name, code, finding(), this);
  }

  /** The compression code that was needed. */
  public int code() {
    return code;
  }
}
