package io.ringkernel.checkpoint.storage.s3;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a bucket holds, and what S3 does with it: the part of the protocol that the storage uses,
 * with its conditions, which are decided in one step with the change.
 */
final class S3Bucket {
  private static final Pattern PART = Pattern.compile("<Part>.*?</Part>", Pattern.DOTALL);
  private static final Comparator<String> UTF8 =
      Comparator.comparing(key -> key.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private record Stored(
      S3Content content, String etag, Instant modified, Map<String, String> metadata) {}

  private record Upload(String key, Map<String, String> metadata, Map<Integer, S3Content> parts) {}

  private final TreeMap<String, Stored> objects = new TreeMap<>(UTF8);
  private final Map<String, Upload> uploads = new LinkedHashMap<>();
  private volatile boolean pretends;
  private volatile int smallestPart = 5 << 20;
  private volatile int pageSize = 1000;

  /** What goes for this bucket instead of S3's 5 MiB and 1,000 keys. */
  void limit(int bytesOfPart, int keysOfPage) {
    smallestPart = bytesOfPart;
    pageSize = keysOfPage;
  }

  /** From now on bytes are thrown away, and made again when they are read. */
  void pretend() {
    pretends = true;
  }

  /** Multipart uploads that are neither completed nor aborted, with or without parts. */
  synchronized List<String> uploads() {
    return uploads.values().stream()
        .map(upload -> upload.key() + " with " + upload.parts().size() + " parts")
        .toList();
  }

  /** Multipart uploads as above that hold bytes. */
  synchronized List<String> partsLeft() {
    return uploads.values().stream()
        .filter(upload -> !upload.parts().isEmpty())
        .map(Upload::key)
        .toList();
  }

  synchronized List<String> keys() {
    return List.copyOf(objects.keySet());
  }

  /** Something that another program stored. */
  synchronized void putForeign(String key, byte[] bytes) {
    S3Content content = new S3Content.Kept(bytes);
    objects.put(key, new Stored(content, S3Content.hex(content.digest()), now(), Map.of()));
  }

  /** Changes a byte of what is stored, but not what is said of it. */
  synchronized void rot(String key, int offset) {
    ((S3Content.Kept) objects.get(key).content()).bytes()[offset] ^= 1;
  }

  S3Answer answer(S3Operation operation, S3Request request) throws IOException {
    return switch (operation) {
      case PUT -> put(request, S3Content.read(request.body(), pretends));
      case PART -> part(request, S3Content.read(request.body(), pretends));
      case GET, HEAD -> get(request, operation == S3Operation.HEAD);
      case LIST -> list(request);
      case DELETE -> delete(request);
      case CREATE -> create(request);
      case ABORT -> abort(request);
      case COMPLETE ->
          complete(request, new String(request.body().readAllBytes(), StandardCharsets.UTF_8));
    };
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS);
  }

  private static String date(Instant instant) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(instant.atOffset(ZoneOffset.UTC));
  }

  /** Null when the conditions of a write hold. */
  private S3Answer refusal(S3Request request) {
    Stored present = objects.get(request.key());
    String ifMatch = request.header("if-match");
    if ("*".equals(request.header("if-none-match")) && present != null) {
      return S3Answer.error(412, "PreconditionFailed");
    }
    if (ifMatch != null && present == null) {
      return S3Answer.error(404, "NoSuchKey");
    }
    return ifMatch != null && !ifMatch.equals('"' + present.etag() + '"')
        ? S3Answer.error(412, "PreconditionFailed")
        : null;
  }

  private static boolean isDamaged(S3Request request, S3Content content) {
    String crc32c = request.header("x-amz-checksum-crc32c");
    return crc32c != null && !crc32c.equals(content.crc32c());
  }

  private static Map<String, String> metadata(S3Request request) {
    return request.headers().entrySet().stream()
        .filter(header -> header.getKey().startsWith("x-amz-meta-"))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private synchronized S3Answer put(S3Request request, S3Content content) {
    S3Answer refusal = refusal(request);
    if (refusal != null) {
      return refusal;
    }
    if (isDamaged(request, content)) {
      return S3Answer.error(400, "BadDigest");
    }
    String etag = S3Content.hex(content.digest());
    objects.put(request.key(), new Stored(content, etag, now(), metadata(request)));
    return S3Answer.of(200).with("ETag", '"' + etag + '"');
  }

  private synchronized S3Answer create(S3Request request) {
    String id = UUID.randomUUID().toString();
    uploads.put(id, new Upload(request.key(), metadata(request), new TreeMap<>()));
    return S3Answer.xml(
        200,
        "<InitiateMultipartUploadResult><UploadId>"
            + id
            + "</UploadId></InitiateMultipartUploadResult>");
  }

  private synchronized S3Answer part(S3Request request, S3Content content) {
    Upload upload = uploads.get(request.query().get("uploadId"));
    if (upload == null || !upload.key().equals(request.key())) {
      return S3Answer.error(404, "NoSuchUpload");
    }
    if (isDamaged(request, content)) {
      return S3Answer.error(400, "BadDigest");
    }
    upload.parts().put(Integer.parseInt(request.query().get("partNumber")), content);
    return S3Answer.of(200).with("ETag", '"' + S3Content.hex(content.digest()) + '"');
  }

  private synchronized S3Answer abort(S3Request request) {
    return uploads.remove(request.query().get("uploadId")) == null
        ? S3Answer.error(404, "NoSuchUpload")
        : S3Answer.of(204);
  }

  private synchronized S3Answer complete(S3Request request, String body) throws IOException {
    String id = request.query().get("uploadId");
    Upload upload = uploads.get(id);
    if (upload == null) {
      return S3Answer.error(404, "NoSuchUpload");
    }
    S3Answer refusal = refusal(request);
    if (refusal != null) {
      return refusal;
    }
    List<S3Content> parts = new ArrayList<>();
    Matcher named = PART.matcher(body);
    while (named.find()) {
      S3Content part = upload.parts().get(Integer.parseInt(element(named.group(), "PartNumber")));
      String etag = element(named.group(), "ETag").replace("&quot;", "").replace("\"", "");
      if (part == null || !S3Content.hex(part.digest()).equals(etag)) {
        return S3Answer.error(400, "InvalidPart");
      }
      parts.add(part);
    }
    if (parts.subList(0, parts.size() - 1).stream().anyMatch(p -> p.size() < smallestPart)) {
      return S3Answer.error(400, "EntityTooSmall");
    }
    S3Content content = S3Content.joined(parts, request.header("x-amz-checksum-crc32c"));
    if (isDamaged(request, content)) {
      return S3Answer.error(400, "BadDigest");
    }
    byte[] digest = S3Content.md5(parts.stream().map(S3Content::digest).toArray(byte[][]::new));
    String etag = S3Content.hex(digest) + "-" + parts.size();
    objects.put(upload.key(), new Stored(content, etag, now(), upload.metadata()));
    uploads.remove(id);
    return S3Answer.xml(
        200,
        "<CompleteMultipartUploadResult><ETag>&quot;"
            + etag
            + "&quot;</ETag></CompleteMultipartUploadResult>");
  }

  private static String element(String xml, String name) {
    int start = xml.indexOf("<" + name + ">") + name.length() + 2;
    return xml.substring(start, xml.indexOf("</" + name + ">", start));
  }

  private synchronized S3Answer delete(S3Request request) {
    S3Answer refusal = refusal(request);
    if (refusal == null) {
      objects.remove(request.key());
    }
    return refusal == null ? S3Answer.of(204) : refusal;
  }

  private synchronized S3Answer get(S3Request request, boolean isHead) {
    Stored stored = objects.get(request.key());
    if (stored == null) {
      return isHead ? S3Answer.of(404) : S3Answer.error(404, "NoSuchKey");
    }
    S3Answer refusal = refusal(request);
    if (refusal != null) {
      return refusal;
    }
    long size = stored.content().size();
    long[] range = range(request.header("range"), size);
    if (range == null) {
      return S3Answer.error(416, "InvalidRange");
    }
    long length = range[1] - range[0];
    boolean isPart = request.header("range") != null;
    S3Answer answer =
        new S3Answer(
            isPart ? 206 : 200,
            new LinkedHashMap<>(),
            length,
            out -> stored.content().write(out, range[0], length));
    answer
        .with("ETag", '"' + stored.etag() + '"')
        .with("Last-Modified", date(stored.modified()))
        .with("Accept-Ranges", "bytes");
    stored.metadata().forEach(answer::with);
    if (isPart) {
      answer.with("Content-Range", "bytes " + range[0] + "-" + (range[1] - 1) + "/" + size);
    }
    if ("ENABLED".equals(request.header("x-amz-checksum-mode")) && length == size) {
      answer
          .with("x-amz-checksum-crc32c", stored.content().crc32c())
          .with("x-amz-checksum-type", "FULL_OBJECT");
    }
    return answer;
  }

  /** From and to, or null when no byte is in it. */
  private static long[] range(String header, long size) {
    if (header == null) {
      return new long[] {0, size};
    }
    String[] ends = header.substring("bytes=".length()).split("-", -1);
    long from =
        ends[0].isEmpty() ? Math.max(0, size - Long.parseLong(ends[1])) : Long.parseLong(ends[0]);
    long to =
        ends[0].isEmpty() || ends[1].isEmpty() ? size : Math.min(size, Long.parseLong(ends[1]) + 1);
    return from < to ? new long[] {from, to} : null;
  }

  private synchronized S3Answer list(S3Request request) {
    String prefix = request.query().getOrDefault("prefix", "");
    String token = request.query().get("continuation-token");
    List<String> keys =
        objects.tailMap(token == null ? prefix : token, token == null).keySet().stream()
            .filter(key -> key.startsWith(prefix))
            .limit(pageSize + 1)
            .toList();
    boolean isTruncated = keys.size() > pageSize;
    List<String> page = isTruncated ? keys.subList(0, pageSize) : keys;
    StringBuilder xml = new StringBuilder("<ListBucketResult><EncodingType>url</EncodingType>");
    xml.append("<IsTruncated>").append(isTruncated).append("</IsTruncated>");
    for (String key : page) {
      Stored stored = objects.get(key);
      xml.append("<Contents><Key>")
          .append(URLEncoder.encode(key, StandardCharsets.UTF_8))
          .append("</Key><LastModified>")
          .append(stored.modified())
          .append("</LastModified><ETag>&quot;")
          .append(stored.etag())
          .append("&quot;</ETag><Size>")
          .append(stored.content().size())
          .append("</Size></Contents>");
    }
    if (isTruncated) {
      xml.append("<NextContinuationToken>")
          .append(S3Answer.escaped(page.get(pageSize - 1)))
          .append("</NextContinuationToken>");
    }
    return S3Answer.xml(200, xml.append("</ListBucketResult>").toString());
  }
}
