package io.ringkernel.checkpoint.internal;

/** What errors say that come from somebody else's code. */
public final class Messages {
  private Messages() {}

  /**
   * An error's message. Never fails: where an error is told of, a second one would have nobody to
   * go to, and who waits for the first would wait for ever.
   *
   * @param error whose {@code getMessage} may throw itself
   */
  public static String of(Throwable error) {
    try {
      return String.valueOf(error.getMessage());
    } catch (Throwable e) {
      return error.getClass().getName() + ", whose message can't be told";
    }
  }

  /** Whether an error can say what it is, which Reactor asks it where it tells of it. */
  static boolean canBeTold(Throwable error) {
    try {
      return error.toString() != null;
    } catch (Throwable e) {
      return false;
    }
  }
}
