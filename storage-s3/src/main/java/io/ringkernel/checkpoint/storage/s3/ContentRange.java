package io.ringkernel.checkpoint.storage.s3;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Which bytes an answer brings. HTTP lets a server answer with the whole object whatever range it
 * was asked for.
 *
 * @param offset of the first
 * @param size of the whole object
 */
record ContentRange(long offset, long size) {
  private static final Pattern HEADER = Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18})");

  static ContentRange of(GetObjectResponse response) {
    String text = response.contentRange();
    Matcher header = HEADER.matcher(text == null ? "" : text);
    if (header.matches()) {
      return new ContentRange(Long.parseLong(header.group(1)), Long.parseLong(header.group(2)));
    }
    Long length = response.contentLength();
    return new ContentRange(0, length == null ? 0 : length);
  }
}
