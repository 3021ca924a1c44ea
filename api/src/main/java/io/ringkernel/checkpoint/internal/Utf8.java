package io.ringkernel.checkpoint.internal;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/** Text as the format has it: strict UTF-8, ordered by its bytes. */
public final class Utf8 {
  /**
   * By UTF-8 bytes, which is by code points. {@code String.compareTo} differs for supplementary
   * characters.
   */
  public static final Comparator<String> BYTE_ORDER = Utf8::compare;

  private Utf8() {}

  /**
   * The bytes of a text.
   *
   * @throws IllegalArgumentException for a lone surrogate, which UTF-8 can't express
   */
  public static byte[] encode(String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] exact = new byte[bytes.remaining()];
      bytes.get(exact);
      return exact;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "the text has a lone surrogate, which UTF-8 can't hold", e);
    }
  }

  /**
   * Refuses what UTF-8 can't express.
   *
   * @throws IllegalArgumentException for a lone surrogate
   */
  public static void requireWellFormed(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("the text has a lone surrogate, which UTF-8 can't hold");
    }
  }

  private static int compare(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        // Surrogates stand for code points above all other chars, yet sort below U+E000..U+FFFF as
        // chars.
        boolean surrogateX = Character.isSurrogate(x);
        boolean surrogateY = Character.isSurrogate(y);
        return surrogateX == surrogateY ? Character.compare(x, y) : surrogateX ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
