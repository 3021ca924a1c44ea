package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.storage.StorageNames;
import io.ringkernel.checkpoint.storage.StorageOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a store is and how it is spoken to; holds no secrets.
 *
 * @param bucket that exists already
 * @param prefix of all keys, empty or ending with a slash
 * @param region as AWS names it, or null: by the AWS chain
 * @param endpoint of a compatible store, or null: Amazon's
 * @param pathStyle whether the bucket is in the path instead of the host's name, or null: as the
 *     client has it
 * @param plan how large objects are cut into parts
 * @param checksums whether CRC32C goes with every upload and is asked for with every read
 * @param conditionalDelete what the store makes of {@code If-Match} on deletes
 * @param nestedNames whether the store lists {@code a/b} beside {@code a}
 */
record S3Options(
    String bucket,
    String prefix,
    @Nullable String region,
    @Nullable URI endpoint,
    @Nullable Boolean pathStyle,
    PartPlan plan,
    boolean checksums,
    ConditionalDelete conditionalDelete,
    boolean nestedNames) {
  /** What S3 allows for a key, less the longest name. */
  private static final int MAX_PREFIX_BYTES = 1024 - StorageNames.MAX_BYTES;

  private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,253}");
  private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,63}");
  private static final Set<String> KNOWN =
      new TreeSet<>(
          Set.of(
              "region",
              "endpoint",
              "path-style",
              "memory",
              "part-size",
              "checksums",
              "conditional-delete",
              "nested-names"));

  /** By which an endpoint is named outside of the URI, to every client of the SDK. */
  private static final List<String> ENDPOINT_VARIABLES =
      List.of("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");

  private static final List<String> ENDPOINT_PROPERTIES =
      List.of("aws.endpointUrlS3", "aws.endpointUrl");

  /**
   * Makes sense of a URI.
   *
   * @throws InvalidOptionException naming what can't be used
   */
  static S3Options parse(StorageOptions options) {
    options.requireOnly(KNOWN);
    String location = options.location();
    if (!location.startsWith("//") || location.indexOf('@') >= 0) {
      // Not shown: what stands before an @ is a secret.
      throw new InvalidOptionException(
          "store",
          "write it as s3://bucket/prefix; credentials come from the AWS chain, never from a URI",
          null);
    }
    int slash = (location + "/").indexOf('/', 2);
    String bucket = location.substring(2, slash);
    if (!BUCKET.matcher(bucket).matches()) {
      throw new InvalidOptionException(
          "store", "'" + bucket + "' is no bucket's name: write it as s3://bucket/prefix", null);
    }
    URI endpoint = endpoint(options);
    boolean isAmazons = endpoint == null && !isEndpointNamedElsewhere();
    return new S3Options(
        bucket,
        prefix(location.substring(Math.min(slash, location.length()))),
        region(options),
        endpoint,
        pathStyle(options, endpoint),
        new PartPlan(
            number(options, "memory", 8, 65_536, 64) << 20,
            number(options, "part-size", 5, 5_120, 8) << 20),
        flag(options, "checksums", true),
        conditionalDelete(options, isAmazons),
        flag(options, "nested-names", isAmazons));
  }

  /** What of another store nobody says is not relied on. */
  private static ConditionalDelete conditionalDelete(StorageOptions options, boolean isAmazons) {
    if (!isAmazons && !options.parameters().containsKey("conditional-delete")) {
      return ConditionalDelete.DOUBTED;
    }
    return flag(options, "conditional-delete", true)
        ? ConditionalDelete.HONOURED
        : ConditionalDelete.REFUSED;
  }

  /** The place, as failures name it. */
  String place() {
    return "the bucket '" + bucket + "'" + (endpoint == null ? "" : " at " + endpoint);
  }

  private static boolean isEndpointNamedElsewhere() {
    return ENDPOINT_VARIABLES.stream().anyMatch(name -> System.getenv(name) != null)
        || ENDPOINT_PROPERTIES.stream().anyMatch(name -> System.getProperty(name) != null);
  }

  private static String prefix(String path) {
    String inner = path.replaceAll("^/+|/+$", "");
    if (inner.isEmpty()) {
      return "";
    }
    String prefix = inner + "/";
    try {
      StorageNames.requireValidPrefix(prefix);
    } catch (InvalidNameException e) {
      throw new InvalidOptionException("store", "no prefix in a bucket: " + e.getMessage(), e);
    }
    if (prefix.getBytes(StandardCharsets.UTF_8).length > MAX_PREFIX_BYTES) {
      throw new InvalidOptionException(
          "store", "the prefix is longer than " + (MAX_PREFIX_BYTES - 1) + " bytes of UTF-8", null);
    }
    return prefix;
  }

  private static @Nullable String region(StorageOptions options) {
    String region = options.parameters().get("region");
    if (region != null && !REGION.matcher(region).matches()) {
      throw new InvalidOptionException("region", "write it as in eu-central-1", null);
    }
    return region;
  }

  private static @Nullable URI endpoint(StorageOptions options) {
    String text = options.parameters().get("endpoint");
    if (text == null) {
      return null;
    }
    try {
      URI uri = new URI(text);
      boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (isHttp && uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Without the cause, which shows the text.
    }
    throw new InvalidOptionException(
        "endpoint",
        "write it as https://host:port; credentials come from the AWS chain, never from a URI",
        null);
  }

  /** Where an endpoint is given, it may well have no names for its buckets. */
  private static @Nullable Boolean pathStyle(StorageOptions options, @Nullable URI endpoint) {
    boolean isTold = endpoint != null || options.parameters().containsKey("path-style");
    return isTold ? flag(options, "path-style", true) : null;
  }

  private static boolean flag(StorageOptions options, String name, boolean otherwise) {
    String text = options.parameters().get(name);
    if (text == null) {
      return otherwise;
    }
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new InvalidOptionException(name, "it is neither true nor false", null);
    };
  }

  private static long number(
      StorageOptions options, String name, long least, long most, long otherwise) {
    String text = options.parameters().get(name);
    if (text == null) {
      return otherwise;
    }
    if (text.matches("[0-9]{1,9}")) {
      long value = Long.parseLong(text);
      if (value >= least && value <= most) {
        return value;
      }
    }
    throw new InvalidOptionException(
        name, "it is no number of MiB from " + least + " to " + most, null);
  }
}
