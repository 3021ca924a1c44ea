package io.ringkernel.checkpoint.storage.gcs.server;

import com.google.gson.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes objects: in one request, or in parts that nobody sees before the last. */
final class Uploads {
  private static final Pattern RANGE = Pattern.compile("bytes (?:(\\d+)-(\\d+)|\\*)/(\\d+|\\*)");

  /** One that was begun. */
  private static final class Session {
    final String name;
    final JsonObject metadata;
    final @Nullable Long condition;
    final Content content;
    Bucket.@Nullable Stored made;

    Session(String name, JsonObject metadata, @Nullable Long condition, Content content) {
      this.name = name;
      this.metadata = metadata;
      this.condition = condition;
      this.content = content;
    }
  }

  private final Bucket bucket;
  private final Content.Factory contents;
  private final String url;
  private final Map<String, Session> sessions = new ConcurrentHashMap<>();
  private volatile long mostOfPart = Long.MAX_VALUE;

  Uploads(Bucket bucket, Content.Factory contents, String url) {
    this.bucket = bucket;
    this.contents = contents;
    this.url = url;
  }

  int unfinished() {
    return (int) sessions.values().stream().filter(session -> session.made == null).count();
  }

  void expire() {
    sessions.clear();
  }

  void acceptAtMost(long bytes) {
    mostOfPart = bytes;
  }

  Reply answer(Request request) throws IOException {
    String id = request.query().get("upload_id");
    if (id != null) {
      Session session = sessions.get(id);
      if (session == null) {
        return Reply.error(410, "gone", "this upload expired");
      }
      synchronized (session) {
        return part(session, request);
      }
    }
    return "multipart".equals(request.query().get("uploadType")) ? whole(request) : begin(request);
  }

  private Reply begin(Request request) throws IOException {
    JsonObject description = JsonApi.parse(request.body().readAllBytes());
    String name = name(request, description);
    Long condition = request.number("ifGenerationMatch");
    if (!bucket.holds(name, condition)) {
      return conditionNotMet();
    }
    String id = UUID.randomUUID().toString();
    sessions.put(id, new Session(name, metadata(description), condition, contents.create()));
    return Reply.empty(200)
        .with("Location", url + "/upload/storage/v1/b/b/o?uploadType=resumable&upload_id=" + id);
  }

  private Reply part(Session session, Request request) throws IOException {
    if (session.made != null) {
      return Reply.json(200, session.made.json("b"));
    }
    Matcher range = RANGE.matcher(request.headers().getOrDefault("content-range", ""));
    if (!range.matches()) {
      return Reply.error(400, "invalid", "no Content-Range");
    }
    boolean isLast = !range.group(3).equals("*");
    if (range.group(1) != null) {
      long begin = Long.parseLong(range.group(1));
      if (begin > session.content.size()) {
        return Reply.error(503, "backendError", "the upload is not that far");
      }
      request.body().skipNBytes(session.content.size() - begin);
      session.content.append(request.body(), isLast ? Long.MAX_VALUE : mostOfPart);
    }
    if (!isLast || Long.parseLong(range.group(3)) != session.content.size()) {
      long size = session.content.size();
      Reply more = Reply.empty(308);
      return size == 0 ? more : more.with("Range", "bytes=0-" + (size - 1));
    }
    String hash = request.headers().get("x-goog-hash");
    if (hash != null && !hash.equals("crc32c=" + session.content.crc32c())) {
      return Reply.error(400, "invalid", "the CRC-32C differs");
    }
    session.made = bucket.put(session.name, session.metadata, session.content, session.condition);
    return session.made == null ? conditionNotMet() : Reply.json(200, session.made.json("b"));
  }

  private Reply whole(Request request) throws IOException {
    String type = Objects.requireNonNull(request.headers().get("content-type"), "no content type");
    String boundary = type.substring(type.indexOf("boundary=") + 9).replace("\"", "");
    byte[] body = request.body().readAllBytes();
    byte[] line = ("--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
    int second = indexOf(body, line, line.length);
    int last = lastIndexOf(body, line);
    byte[] json = inner(body, line.length, second);
    byte[] bytes = inner(body, second + line.length, last);
    JsonObject description = JsonApi.parse(json);
    Content content = contents.create();
    content.append(new ByteArrayInputStream(bytes), Long.MAX_VALUE);
    String told = JsonApi.text(description, "crc32c");
    if (told == null || !told.equals(content.crc32c())) {
      return Reply.error(400, "invalid", "the CRC-32C differs or is missing");
    }
    Bucket.Stored made =
        bucket.put(
            name(request, description),
            metadata(description),
            content,
            request.number("ifGenerationMatch"));
    return made == null ? conditionNotMet() : Reply.json(200, made.json("b"));
  }

  /** What lies between a part's headers and the line that ends it. */
  private static byte[] inner(byte[] body, int from, int to) {
    byte[] gap = "\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    return Arrays.copyOfRange(body, indexOf(body, gap, from) + gap.length, to - 2);
  }

  private static int indexOf(byte[] body, byte[] what, int from) {
    for (int at = from; at <= body.length - what.length; at++) {
      if (Arrays.equals(body, at, at + what.length, what, 0, what.length)) {
        return at;
      }
    }
    throw new IllegalArgumentException("the body is not in parts");
  }

  private static int lastIndexOf(byte[] body, byte[] what) {
    for (int at = body.length - what.length; at >= 0; at--) {
      if (Arrays.equals(body, at, at + what.length, what, 0, what.length)) {
        return at;
      }
    }
    throw new IllegalArgumentException("the body is not in parts");
  }

  private static String name(Request request, JsonObject description) {
    String asked = request.query().get("name");
    return asked != null
        ? asked
        : Objects.requireNonNull(JsonApi.text(description, "name"), "no name");
  }

  private static JsonObject metadata(JsonObject description) {
    return description.has("metadata") ? description.getAsJsonObject("metadata") : new JsonObject();
  }

  static Reply conditionNotMet() {
    return Reply.error(412, "conditionNotMet", "At least one of the pre-conditions did not hold.");
  }
}
