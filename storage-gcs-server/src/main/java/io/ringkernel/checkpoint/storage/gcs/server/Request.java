package io.ringkernel.checkpoint.storage.gcs.server;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request whose body is still on its way.
 *
 * @param method of HTTP
 * @param path as it was sent, still escaped
 * @param query decoded
 * @param headers by lower-case names
 * @param body ends with the request
 */
record Request(
    String method,
    String path,
    Map<String, String> query,
    Map<String, String> headers,
    InputStream body) {
  /** The next request of a connection, or null at its end. */
  static @Nullable Request read(InputStream in) throws IOException {
    String first = line(in);
    if (first == null) {
      return null;
    }
    String[] parts = first.split(" ", 3);
    Map<String, String> headers = new HashMap<>();
    for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
    }
    int question = parts[1].indexOf('?');
    Map<String, String> query = new HashMap<>();
    if (question >= 0) {
      for (String pair : parts[1].substring(question + 1).split("&", -1)) {
        int equals = pair.indexOf('=');
        query.put(
            decode(pair.substring(0, equals < 0 ? pair.length() : equals)),
            equals < 0 ? "" : decode(pair.substring(equals + 1)));
      }
    }
    InputStream body =
        "chunked".equalsIgnoreCase(headers.get("transfer-encoding"))
            ? new ChunkedBody(in)
            : new FixedBody(in, Long.parseLong(headers.getOrDefault("content-length", "0")));
    String path = question < 0 ? parts[1] : parts[1].substring(0, question);
    return new Request(parts[0], path, query, headers, body);
  }

  /** What follows a part of the path, decoded; null when the path lacks it. */
  @Nullable String after(String part) {
    int at = path.indexOf(part);
    return at < 0 ? null : decode(path.substring(at + part.length()).replace("+", "%2B"));
  }

  @Nullable Long number(String parameter) {
    String text = query.get(parameter);
    return text == null ? null : Long.valueOf(text);
  }

  void drain() throws IOException {
    byte[] buffer = new byte[64 << 10];
    while (body.read(buffer) >= 0) {
      // Until its end.
    }
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private static final class FixedBody extends InputStream {
    private final InputStream in;
    private long left;

    FixedBody(InputStream in, long length) {
      this.in = in;
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read(target, offset, (int) Math.min(length, left));
      if (read < 0) {
        throw new EOFException("the request was cut off");
      }
      left -= read;
      return read;
    }
  }

  private static final class ChunkedBody extends InputStream {
    private final InputStream in;
    private long left;
    private boolean ended;

    ChunkedBody(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (left == 0 && !ended) {
        left = Long.parseLong(requireLine(), 16);
        ended = left == 0;
        if (ended) {
          requireLine();
        }
      }
      if (ended) {
        return -1;
      }
      int read = in.read(target, offset, (int) Math.min(length, left));
      if (read < 0) {
        throw new EOFException("the request was cut off");
      }
      left -= read;
      if (left == 0) {
        requireLine();
      }
      return read;
    }

    private String requireLine() throws IOException {
      String line = line(in);
      if (line == null) {
        throw new EOFException("the request was cut off");
      }
      return line;
    }
  }
}
