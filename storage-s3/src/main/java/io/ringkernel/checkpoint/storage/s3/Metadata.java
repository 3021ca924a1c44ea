package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.error.LimitExceededException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metadata that goes with an object: {@code x-amz-meta-rkcp-nonce} and {@code
 * x-amz-meta-rkcp-a-KEY} for each attribute.
 *
 * <p>Headers are ASCII and lose blanks at their ends: a value has every byte of its UTF-8 but
 * letters, digits and {@code - . _ ~ : /} as {@code %XX}; an empty one is a lone {@code %}.
 */
final class Metadata {
  /** What S3 allows for all keys and values together, less the nonce. */
  private static final int MAX_BYTES = 2048 - 64;

  private static final String NONCE = "rkcp-nonce";
  private static final String ATTRIBUTE = "rkcp-a-";
  private static final String EMPTY = "%";
  private static final String PLAIN =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/";

  private Metadata() {}

  /** What to store. */
  static Map<String, String> of(String nonce, Map<String, String> attributes) {
    Map<String, String> metadata = new HashMap<>();
    metadata.put(NONCE, nonce);
    attributes.forEach((key, value) -> metadata.put(ATTRIBUTE + key, encoded(value)));
    return metadata;
  }

  /**
   * Checks attributes before anything is sent.
   *
   * @throws LimitExceededException when they are more than S3 keeps
   */
  static void requireSmall(Map<String, String> attributes) {
    long size =
        attributes.entrySet().stream()
            .mapToLong(
                e -> ATTRIBUTE.length() + e.getKey().length() + encoded(e.getValue()).length())
            .sum();
    if (size > MAX_BYTES) {
      throw new LimitExceededException(
          "the size of the attributes, encoded,", size, MAX_BYTES, "S3 keeps no more: store less");
    }
  }

  static @Nullable String nonceOf(Map<String, String> metadata) {
    return lowerCased(metadata).get(NONCE);
  }

  static Map<String, String> attributesOf(Map<String, String> metadata) {
    Map<String, String> attributes = new HashMap<>();
    lowerCased(metadata)
        .forEach(
            (key, value) -> {
              if (key.startsWith(ATTRIBUTE)) {
                attributes.put(key.substring(ATTRIBUTE.length()), decoded(value));
              }
            });
    return attributes;
  }

  /** Header names come back in any case. */
  private static Map<String, String> lowerCased(Map<String, String> metadata) {
    Map<String, String> lower = new HashMap<>();
    metadata.forEach((key, value) -> lower.put(key.toLowerCase(Locale.ROOT), value));
    return lower;
  }

  private static String encoded(String value) {
    if (value.isEmpty()) {
      return EMPTY;
    }
    StringBuilder text = new StringBuilder(value.length());
    for (byte each : value.getBytes(StandardCharsets.UTF_8)) {
      if (PLAIN.indexOf(each) >= 0) {
        text.append((char) each);
      } else {
        text.append(String.format("%%%02X", each));
      }
    }
    return text.toString();
  }

  /** Somebody else's value may be anything: what is no escape stands for itself. */
  private static String decoded(String value) {
    if (value.equals(EMPTY)) {
      return "";
    }
    byte[] bytes = new byte[value.length() * 3];
    int length = 0;
    int at = 0;
    while (at < value.length()) {
      int high = at + 2 < value.length() ? Character.digit(value.charAt(at + 1), 16) : -1;
      int low = at + 2 < value.length() ? Character.digit(value.charAt(at + 2), 16) : -1;
      if (value.charAt(at) == '%' && high >= 0 && low >= 0) {
        bytes[length++] = (byte) (high << 4 | low);
        at += 3;
      } else {
        byte[] plain = value.substring(at, at + 1).getBytes(StandardCharsets.UTF_8);
        System.arraycopy(plain, 0, bytes, length, plain.length);
        length += plain.length;
        at++;
      }
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
