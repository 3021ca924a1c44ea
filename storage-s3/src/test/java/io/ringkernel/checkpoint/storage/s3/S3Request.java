package io.ringkernel.checkpoint.storage.s3;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One request as it came in, its body not read yet.
 *
 * @param method in capitals
 * @param bucket from the path
 * @param key from the path, decoded; empty for a request to the bucket
 * @param query decoded
 * @param headers by lower-case names
 * @param body as many bytes as were announced
 */
record S3Request(
    String method,
    String bucket,
    String key,
    Map<String, String> query,
    Map<String, String> headers,
    InputStream body) {
  /** The next request on a connection, or null at its end. */
  static S3Request read(InputStream in) throws IOException {
    String line = line(in);
    if (line.isEmpty()) {
      return null;
    }
    String[] words = line.split(" ", -1);
    Map<String, String> headers = new HashMap<>();
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).trim());
    }
    String[] target = words[1].split("\\?", 2);
    String path = decoded(target[0].replace("+", "%2B")).substring(1);
    int slash = path.indexOf('/');
    long length = Long.parseLong(headers.getOrDefault("content-length", "0"));
    return new S3Request(
        words[0],
        slash < 0 ? path : path.substring(0, slash),
        slash < 0 ? "" : path.substring(slash + 1),
        query(target.length > 1 ? target[1] : ""),
        headers,
        new Announced(in, length));
  }

  private static Map<String, String> query(String text) {
    Map<String, String> query = new HashMap<>();
    for (String pair : text.split("&", -1)) {
      int equals = (pair + "=").indexOf('=');
      String value = equals < pair.length() ? pair.substring(equals + 1) : "";
      query.put(decoded(pair.substring(0, equals)), decoded(value));
    }
    return query;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  String header(String name) {
    return headers.get(name);
  }

  /** The bytes of one body; the connection goes on behind them. */
  private static final class Announced extends InputStream {
    private final InputStream in;
    private long left;

    Announced(InputStream in, long length) {
      this.in = in;
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read(bytes, offset, (int) Math.min(length, left));
      if (read < 0) {
        throw new IOException("the connection ended " + left + " bytes early");
      }
      left -= read;
      return read;
    }
  }
}
