package io.ringkernel.checkpoint.storage.gcs.server;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The objects of a bucket; each call is one step for all threads. */
public final class Bucket {
  /** What is stored. */
  record Stored(
      String name, long generation, Instant created, JsonObject metadata, Content content) {
    JsonObject json(String bucket) {
      JsonObject json = new JsonObject();
      json.addProperty("kind", "storage#object");
      json.addProperty("bucket", bucket);
      json.addProperty("name", name);
      json.addProperty("generation", Long.toString(generation));
      json.addProperty("metageneration", "1");
      json.addProperty("size", Long.toString(content.size()));
      json.addProperty("crc32c", content.crc32c());
      json.addProperty("timeCreated", created.toString());
      json.addProperty("updated", created.toString());
      json.add("metadata", metadata);
      return json;
    }
  }

  private static final Comparator<String> UTF8 =
      Comparator.comparing(name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private final TreeMap<String, Stored> objects = new TreeMap<>(UTF8);
  private long lastGeneration = 1_700_000_000_000_000L;

  Bucket() {}

  /** Stores, unless the generation that must be there is not; says what is stored, or null. */
  synchronized @Nullable Stored put(
      String name, JsonObject metadata, Content content, @Nullable Long condition) {
    if (!holds(name, condition)) {
      return null;
    }
    Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
    Stored stored = new Stored(name, ++lastGeneration, now, metadata, content);
    objects.put(name, stored);
    return stored;
  }

  /** Whether a generation is there, 0 meaning that nothing is; null holds always. */
  synchronized boolean holds(String name, @Nullable Long condition) {
    Stored present = objects.get(name);
    return condition == null || condition == (present == null ? 0 : present.generation());
  }

  synchronized @Nullable Stored get(String name, @Nullable Long generation) {
    Stored present = objects.get(name);
    return present != null && generation != null && generation != present.generation()
        ? null
        : present;
  }

  synchronized @Nullable Stored remove(String name) {
    return objects.remove(name);
  }

  /** A page of those that begin with a prefix, after a name. */
  synchronized List<Stored> page(String prefix, String after, int most) {
    Map<String, Stored> rest =
        after.isEmpty() ? objects.tailMap(prefix, true) : objects.tailMap(after, false);
    return rest.values().stream()
        .takeWhile(stored -> stored.name().startsWith(prefix))
        .limit(most)
        .toList();
  }

  /** All names. */
  public synchronized List<String> names() {
    return List.copyOf(objects.keySet());
  }

  /** Forgets everything. */
  public synchronized void clear() {
    objects.clear();
  }
}
