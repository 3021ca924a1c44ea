package io.ringkernel.checkpoint.storage.s3;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Random text that no other save has. It is made when it is first asked for, on a thread of our
 * own: the system's randomness is read like a file.
 */
final class Nonce {
  private @Nullable String text;

  synchronized String text() {
    String made = text == null ? UUID.randomUUID().toString() : text;
    text = made;
    return made;
  }
}
