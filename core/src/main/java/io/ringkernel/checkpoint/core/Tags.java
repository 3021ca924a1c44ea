package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.InvalidNameException;
import java.nio.charset.StandardCharsets;

/** What a tag may be. */
final class Tags {
  private static final int MOST_BYTES = 100;

  private Tags() {}

  /** Refuses a text that can't be a tag. */
  static void require(String tag) {
    int length = tag.getBytes(StandardCharsets.UTF_8).length;
    if (length == 0 || length > MOST_BYTES) {
      throw new InvalidNameException(tag, "a tag is 1 to " + MOST_BYTES + " bytes of UTF-8");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(tag)
        || tag.codePoints().anyMatch(Character::isISOControl)) {
      throw new InvalidNameException(tag, "a tag has no control character and no lone surrogate");
    }
  }
}
