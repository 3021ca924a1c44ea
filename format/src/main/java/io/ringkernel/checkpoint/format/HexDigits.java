package io.ringkernel.checkpoint.format;

/** Tells lower-case hex digits: of a long chain's directories, thousands are read at a time. */
final class HexDigits {
  private HexDigits() {}

  /**
   * Whether a text is so many of them and nothing else.
   *
   * @param count how many
   */
  static boolean are(String text, int count) {
    if (text.length() != count) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }
}
