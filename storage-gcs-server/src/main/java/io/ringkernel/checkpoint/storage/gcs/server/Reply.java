package io.ringkernel.checkpoint.storage.gcs.server;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * An answer.
 *
 * @param status of HTTP
 * @param headers besides the length
 * @param length of the body
 * @param body writes it
 */
record Reply(int status, Map<String, String> headers, long length, Body body) {
  /** Writes a body. */
  @FunctionalInterface
  interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  static Reply empty(int status) {
    return new Reply(status, Map.of(), 0, out -> {});
  }

  static Reply json(int status, JsonObject json) {
    byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
    return new Reply(
        status,
        Map.of("Content-Type", "application/json; charset=UTF-8"),
        bytes.length,
        out -> out.write(bytes));
  }

  /** As the service words its errors. */
  static Reply error(int status, String reason, String message) {
    JsonObject detail = new JsonObject();
    detail.addProperty("domain", "global");
    detail.addProperty("reason", reason);
    detail.addProperty("message", message);
    JsonArray details = new JsonArray();
    details.add(detail);
    JsonObject error = new JsonObject();
    error.addProperty("code", status);
    error.addProperty("message", message);
    error.add("errors", details);
    JsonObject json = new JsonObject();
    json.add("error", error);
    return json(status, json);
  }

  Reply with(String header, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(header, value);
    return new Reply(status, more, length, body);
  }

  void writeHead(OutputStream out) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Status\r\n");
    headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    head.append("Content-Length: " + length + "\r\n\r\n");
    out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
  }
}
