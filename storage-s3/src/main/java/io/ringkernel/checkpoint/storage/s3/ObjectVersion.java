package io.ringkernel.checkpoint.storage.s3;

import java.time.Instant;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What tells one write of an object from every other: what the service says of its content, and the
 * nonce that its writer put into the metadata.
 *
 * @param etag without its quotes
 * @param mark the nonce; for an object that others wrote, when they did
 */
record ObjectVersion(String etag, String mark) {
  private static final String SEPARATOR = ".";

  /** What may go into a header as it is. */
  private static final Pattern ETAG = Pattern.compile("[!#-~]{1,256}");

  private static final ObjectVersion NEVER = new ObjectVersion("never", "");

  /**
   * Reads what {@link #toString} wrote; anything else is a version that no object has.
   *
   * @param text from {@link io.ringkernel.checkpoint.storage.StoredObject#version}
   */
  static ObjectVersion parse(String text) {
    int end = text.lastIndexOf(SEPARATOR);
    return end < 0 || !ETAG.matcher(text.substring(0, end)).matches()
        ? NEVER
        : new ObjectVersion(text.substring(0, end), text.substring(end + 1));
  }

  /** The version of an object as a response tells it. */
  static ObjectVersion of(String etag, Map<String, String> metadata, Instant lastModified) {
    String nonce = Metadata.nonceOf(metadata);
    return new ObjectVersion(
        unquoted(etag), nonce == null ? "at-" + lastModified.getEpochSecond() : nonce);
  }

  static String unquoted(String etag) {
    return etag.replace("\"", "");
  }

  /** The ETag as a condition wants it. */
  String quotedEtag() {
    return '"' + etag + '"';
  }

  @Override
  public String toString() {
    return etag + SEPARATOR + mark;
  }
}
