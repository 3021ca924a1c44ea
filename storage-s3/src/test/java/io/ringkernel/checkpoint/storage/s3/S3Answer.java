package io.ringkernel.checkpoint.storage.s3;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the server says to a request.
 *
 * @param status of HTTP
 * @param headers in order
 * @param length of the body
 * @param body writes it
 */
record S3Answer(int status, Map<String, String> headers, long length, Body body) {
  /** Writes bytes of a body. */
  interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  static S3Answer of(int status) {
    return new S3Answer(status, new LinkedHashMap<>(), 0, out -> {});
  }

  static S3Answer xml(int status, String xml) {
    byte[] bytes =
        ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + xml).getBytes(StandardCharsets.UTF_8);
    return new S3Answer(status, new LinkedHashMap<>(), bytes.length, out -> out.write(bytes))
        .with("Content-Type", "application/xml");
  }

  static S3Answer error(int status, String code) {
    return xml(status, "<Error><Code>" + code + "</Code><Message>" + code + "</Message></Error>");
  }

  S3Answer with(String name, String value) {
    headers.put(name, value);
    return this;
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
