package io.ringkernel.checkpoint.storage;

import io.ringkernel.checkpoint.error.InvalidNameException;
import java.nio.charset.StandardCharsets;

/**
 * The rules for names in a storage: one or more components between slashes, as in {@code
 * sim/step-000100}.
 *
 * <p>A name is 1 to {@value #MAX_BYTES} bytes of UTF-8, without control characters and lone
 * surrogates. No component is empty, {@code .} or {@code ..}. A storage may refuse more (a file
 * system's limit on one component), never accept more.
 */
public final class StorageNames {
  /**
   * The longest name, in bytes of UTF-8: what object stores allow, less room for a prefix of their
   * own.
   */
  public static final int MAX_BYTES = 900;

  private StorageNames() {}

  /**
   * Checks a name.
   *
   * @param name to be checked
   * @return the name
   * @throws InvalidNameException with the rule that it breaks
   */
  public static String requireValid(String name) {
    if (name.isEmpty()) {
      throw new InvalidNameException(name, "it is empty");
    }
    requireValidPrefix(name);
    for (String component : name.split("/", -1)) {
      requireComponent(name, component);
    }
    return name;
  }

  /**
   * Checks the beginning of names, which may end anywhere.
   *
   * @param prefix to be checked; also empty
   * @return the prefix
   * @throws InvalidNameException with the rule that it breaks
   */
  public static String requireValidPrefix(String prefix) {
    if (prefix.length() > MAX_BYTES || prefix.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      throw new InvalidNameException(prefix, "it is longer than " + MAX_BYTES + " bytes of UTF-8");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(prefix)) {
      throw new InvalidNameException(prefix, "it has a lone surrogate");
    }
    if (prefix.codePoints().anyMatch(Character::isISOControl)) {
      throw new InvalidNameException(prefix, "it has a control character");
    }
    int end = prefix.lastIndexOf('/');
    if (end >= 0) {
      for (String component : prefix.substring(0, end).split("/", -1)) {
        requireComponent(prefix, component);
      }
    }
    return prefix;
  }

  private static void requireComponent(String name, String component) {
    if (component.isEmpty()) {
      throw new InvalidNameException(
          name, "it has an empty component: no slash may begin, end or follow a slash");
    }
    if (component.equals(".") || component.equals("..")) {
      throw new InvalidNameException(name, "it has a component '" + component + "'");
    }
  }
}
