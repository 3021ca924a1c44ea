package io.ringkernel.checkpoint.storage.gcs.server;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Answers requests for objects as the service would. */
public final class JsonApi {
  private static final String OBJECTS = "/o/";

  private final Bucket bucket;
  private final Uploads uploads;
  private volatile int pageSize = 1000;
  private volatile boolean corrupts;
  private final AtomicLong bytesSent = new AtomicLong();

  JsonApi(Bucket bucket, Content.Factory contents, String url) {
    this.bucket = bucket;
    this.uploads = new Uploads(bucket, contents, url);
  }

  Bucket bucket() {
    return bucket;
  }

  /** Uploads that were begun and not finished: nobody sees them. */
  public int unfinishedUploads() {
    return uploads.unfinished();
  }

  /** Forgets all unfinished uploads, as the service does after a week. */
  public void expireUploads() {
    uploads.expire();
  }

  /** Objects in a page, whatever is asked for. */
  public void pageSize(int most) {
    pageSize = most;
  }

  /** Whether a bit is turned in the bytes that are read from now on. */
  public void corruptReads(boolean wanted) {
    corrupts = wanted;
  }

  /** Bytes of objects that were sent. */
  public long bytesSent() {
    return bytesSent.get();
  }

  /** Accepts parts of uploads, but not the last, only up to these bytes from now on. */
  public void acceptAtMost(long bytes) {
    uploads.acceptAtMost(bytes);
  }

  /** What a request asks for, in two words. */
  static String kindOf(Request request) {
    boolean isObject = request.path().contains(OBJECTS);
    String what;
    if (request.path().startsWith("/upload/")) {
      boolean isPart = request.query().containsKey("upload_id");
      what = isPart ? partKind(request) : request.query().get("uploadType");
    } else if ("media".equals(request.query().get("alt"))) {
      what = "media";
    } else {
      what = isObject ? "object" : "list";
    }
    return request.method() + " " + what;
  }

  private static String partKind(Request request) {
    String range = request.headers().getOrDefault("content-range", "");
    if (range.equals("bytes */*")) {
      return "status";
    }
    return range.endsWith("/*") ? "part" : "last";
  }

  Reply answer(Request request) throws IOException {
    if (request.path().startsWith("/upload/")) {
      return uploads.answer(request);
    }
    String name = request.after(OBJECTS);
    if (name == null) {
      return list(request);
    }
    return switch (request.method()) {
      case "GET" -> "media".equals(request.query().get("alt")) ? media(name, request) : get(name);
      case "DELETE" -> delete(name, request);
      default -> Reply.error(405, "notAllowed", "no such method");
    };
  }

  private Reply get(String name) {
    Bucket.Stored stored = bucket.get(name, null);
    return stored == null ? notFound(name) : Reply.json(200, stored.json("b"));
  }

  private Reply delete(String name, Request request) {
    synchronized (bucket) {
      if (bucket.get(name, null) == null) {
        return notFound(name);
      }
      if (!bucket.holds(name, request.number("ifGenerationMatch"))) {
        return Uploads.conditionNotMet();
      }
      bucket.remove(name);
      return Reply.empty(204);
    }
  }

  private Reply media(String name, Request request) {
    Bucket.Stored stored = bucket.get(name, request.number("generation"));
    if (stored == null) {
      return notFound(name);
    }
    long size = stored.content().size();
    long from = 0;
    long to = size;
    String range = request.headers().get("range");
    if (range != null) {
      String[] ends = range.substring("bytes=".length()).split("-", -1);
      from = Long.parseLong(ends[0]);
      to = ends[1].isEmpty() ? size : Math.min(size, Long.parseLong(ends[1]) + 1);
      if (from >= size) {
        return Reply.error(416, "requestedRangeNotSatisfiable", "no such range");
      }
    }
    long start = from;
    long length = to - from;
    Reply.Body body = out -> stored.content().writeTo(new Counting(out), start, length);
    Reply reply =
        new Reply(range == null ? 200 : 206, Map.of(), length, corrupts ? turned(body) : body)
            .with("Content-Type", "application/octet-stream")
            .with("x-goog-generation", Long.toString(stored.generation()))
            .with("x-goog-hash", "crc32c=" + stored.content().crc32c());
    return range == null
        ? reply
        : reply.with("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + size);
  }

  /** Counts what passes. */
  private final class Counting extends FilterOutputStream {
    Counting(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      bytesSent.addAndGet(length);
      out.write(bytes, offset, length);
    }
  }

  private static Reply.Body turned(Reply.Body body) {
    return out -> {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      body.writeTo(all);
      byte[] bytes = all.toByteArray();
      bytes[bytes.length / 2] ^= 4;
      out.write(bytes);
    };
  }

  private Reply list(Request request) {
    String prefix = request.query().getOrDefault("prefix", "");
    String token = request.query().getOrDefault("pageToken", "");
    String after = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
    Long asked = request.number("maxResults");
    int most = (int) Math.min(pageSize, asked == null ? 1000 : asked);
    List<Bucket.Stored> page = bucket.page(prefix, after, most);
    JsonArray items = new JsonArray();
    page.forEach(stored -> items.add(stored.json("b")));
    JsonObject json = new JsonObject();
    json.addProperty("kind", "storage#objects");
    json.add("items", items);
    if (page.size() == most) {
      byte[] last = page.get(most - 1).name().getBytes(StandardCharsets.UTF_8);
      json.addProperty(
          "nextPageToken", Base64.getUrlEncoder().withoutPadding().encodeToString(last));
    }
    return Reply.json(200, json);
  }

  private static Reply notFound(String name) {
    return Reply.error(404, "notFound", "No such object: " + name);
  }

  static JsonObject parse(byte[] json) {
    return new Gson().fromJson(new String(json, StandardCharsets.UTF_8), JsonObject.class);
  }

  static @Nullable String text(JsonObject json, String key) {
    return json.has(key) ? json.get(key).getAsString() : null;
  }
}
