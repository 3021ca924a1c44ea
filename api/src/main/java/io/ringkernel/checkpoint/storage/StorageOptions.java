package io.ringkernel.checkpoint.storage;

import io.ringkernel.checkpoint.error.InvalidOptionException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A storage's URI, taken apart: {@code scheme:location?name=value&name=value}.
 *
 * <p>A provider turns these strings into a typed record of its own. {@code %XX} is decoded in the
 * location, the names and the values; anything else stands for itself, so a path may have spaces.
 *
 * @param scheme lower case, for example {@code "file"}
 * @param location what follows the scheme's colon, decoded, for example {@code "///var/lib/sim"}
 * @param parameters what follows the question mark, decoded; immutable
 */
public record StorageOptions(String scheme, String location, Map<String, String> parameters) {
  /** Copies {@code parameters}. */
  public StorageOptions {
    parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
  }

  /**
   * Takes a URI apart.
   *
   * @param uri for example {@code "file:///var/lib/sim"} or {@code "memory:test"}
   * @throws InvalidOptionException when it has no scheme, a parameter twice, or a bad escape
   */
  public static StorageOptions parse(String uri) {
    int colon = uri.indexOf(':');
    if (colon < 1 || !uri.substring(0, colon).matches("[a-zA-Z][a-zA-Z0-9+.-]*")) {
      String shown = uri.substring(0, (uri + "?").indexOf('?'));
      throw new InvalidOptionException(
          "store",
          "'"
              + shown
              + "' has no scheme; write it as file:/path, gs://bucket/prefix or s3://bucket/prefix",
          null);
    }
    String scheme = uri.substring(0, colon).toLowerCase(Locale.ROOT);
    int question = uri.indexOf('?', colon);
    String location = uri.substring(colon + 1, question < 0 ? uri.length() : question);
    Map<String, String> parameters = new TreeMap<>();
    if (question >= 0 && question + 1 < uri.length()) {
      for (String pair : uri.substring(question + 1).split("&", -1)) {
        addParameter(pair, parameters);
      }
    }
    return new StorageOptions(scheme, decode("store", location), parameters);
  }

  private static void addParameter(String pair, Map<String, String> parameters) {
    int equals = pair.indexOf('=');
    String name = decode("store", equals < 0 ? pair : pair.substring(0, equals));
    String value = equals < 0 ? "" : decode(name, pair.substring(equals + 1));
    if (name.isEmpty()) {
      throw new InvalidOptionException("store", "a parameter has no name", null);
    }
    if (parameters.put(name, value) != null) {
      throw new InvalidOptionException(name, "it is given twice", null);
    }
  }

  /**
   * Refuses parameters that a provider does not know: a typing error must not silently mean the
   * default.
   *
   * @param known the names it knows
   * @throws InvalidOptionException naming the first unknown one and those known
   */
  public void requireOnly(Set<String> known) {
    for (String name : parameters.keySet()) {
      if (!known.contains(name)) {
        throw new InvalidOptionException(
            name, "it is unknown to '" + scheme + "'; known: " + String.join(", ", known), null);
      }
    }
  }

  /** Its errors don't show the text: it may be a secret. */
  private static String decode(String option, String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new InvalidOptionException(option, "it has a lone surrogate", null);
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != '%') {
        decoded.write(bytes[i]);
        continue;
      }
      int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
      if (high < 0 || low < 0) {
        throw new InvalidOptionException(
            option, "it has a % that no two hex digits follow; write %25 for it", null);
      }
      decoded.write(high << 4 | low);
      i += 2;
    }
    try {
      ByteBuffer utf8 = ByteBuffer.wrap(decoded.toByteArray());
      return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidOptionException(option, "it is not UTF-8 when decoded", e);
    }
  }

  /** Without the values of the parameters, which may be secrets. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(scheme).append(':').append(location);
    char separator = '?';
    for (String name : parameters.keySet()) {
      text.append(separator).append(name).append("=REDACTED");
      separator = '&';
    }
    return text.toString();
  }
}
