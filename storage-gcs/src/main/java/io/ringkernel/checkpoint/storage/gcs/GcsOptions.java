package io.ringkernel.checkpoint.storage.gcs;

import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.storage.StorageNames;
import io.ringkernel.checkpoint.storage.StorageOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a store lies, and how it is reached; holds no secret.
 *
 * @param bucket its name
 * @param prefix what all its objects begin with; empty, or with a slash at its end
 * @param partSize bytes of each request of a large save but the last
 * @param endpoint another address of the service, or null
 * @param userProject the project that pays, or null
 */
record GcsOptions(
    String bucket,
    String prefix,
    int partSize,
    @Nullable String endpoint,
    @Nullable String userProject) {
  /** What the service counts parts in. */
  static final int PART_UNIT = 256 << 10;

  static final int DEFAULT_PART_SIZE = 16 << 20;

  private static final int LARGEST_PART_SIZE = 256 << 20;

  /** The service's own limit on an object's name, in bytes of UTF-8. */
  private static final int LONGEST_KEY = 1024;

  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,10})(KiB|MiB|)");
  private static final Pattern PROJECT = Pattern.compile("[a-z0-9.:-]{1,128}");
  private static final Set<String> KNOWN =
      new TreeSet<>(Set.of("part-size", "endpoint", "user-project"));

  /**
   * @throws InvalidOptionException for a location or parameter that can't be used
   */
  static GcsOptions parse(StorageOptions options) {
    options.requireOnly(KNOWN);
    String location = options.location();
    int slash = location.indexOf('/', 2);
    String bucket = location.substring(Math.min(2, location.length()));
    String prefix = "";
    if (slash >= 0) {
      bucket = location.substring(2, slash);
      prefix = location.substring(slash + 1);
    }
    if (!location.startsWith("//") || !BUCKET.matcher(bucket).matches()) {
      throw new InvalidOptionException(
          "store",
          "'gs:" + location + "' names no bucket; write it as gs://bucket or gs://bucket/prefix",
          null);
    }
    Map<String, String> given = options.parameters();
    return new GcsOptions(
        bucket,
        prefix(prefix),
        partSize(given.get("part-size")),
        endpoint(given.get("endpoint")),
        project(given.get("user-project")));
  }

  private static String prefix(String text) {
    String prefix = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    if (prefix.isEmpty() && text.isEmpty()) {
      return "";
    }
    try {
      StorageNames.requireValid(prefix);
    } catch (InvalidNameException e) {
      throw new InvalidOptionException("store", "no prefix in a bucket: " + e.getMessage(), e);
    }
    int longest = LONGEST_KEY - StorageNames.MAX_BYTES - 1;
    if (prefix.getBytes(StandardCharsets.UTF_8).length > longest) {
      throw new InvalidOptionException(
          "store",
          "the prefix '" + prefix + "' is longer than " + longest + " bytes of UTF-8; shorten it",
          null);
    }
    return prefix + "/";
  }

  private static int partSize(@Nullable String text) {
    if (text == null) {
      return DEFAULT_PART_SIZE;
    }
    Matcher size = SIZE.matcher(text);
    if (size.matches()) {
      int shift = size.group(2).equals("MiB") ? 20 : size.group(2).equals("KiB") ? 10 : 0;
      long bytes = Long.parseLong(size.group(1)) << shift;
      if (bytes >= PART_UNIT && bytes <= LARGEST_PART_SIZE && bytes % PART_UNIT == 0) {
        return (int) bytes;
      }
    }
    throw new InvalidOptionException(
        "part-size",
        "it must be a multiple of 256KiB from 256KiB to 256MiB, for example 16MiB, not '"
            + text
            + "'",
        null);
  }

  /** Its errors don't show the text: somebody may have put a password into it. */
  private static @Nullable String endpoint(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      URI uri = new URI(text);
      boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      boolean isBare = uri.getUserInfo() == null && uri.getQuery() == null;
      if (isHttp && isBare && uri.getHost() != null && uri.getFragment() == null) {
        return text;
      }
    } catch (URISyntaxException e) {
      throw new InvalidOptionException("endpoint", "it is no URL", null);
    }
    throw new InvalidOptionException(
        "endpoint", "it must be http:// or https:// with a host and nothing secret in it", null);
  }

  private static @Nullable String project(@Nullable String text) {
    if (text != null && !PROJECT.matcher(text).matches()) {
      throw new InvalidOptionException("user-project", "'" + text + "' is no project id", null);
    }
    return text;
  }
}
