package io.ringkernel.checkpoint.storage.memory;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The objects of one store, in the order of their names; each call is one step for all threads. */
final class ObjectTable {
  /** What is stored, and its bytes. */
  record Entry(StoredObject object, SegmentedBytes bytes) {}

  /** Not the order of {@code String}: that is by UTF-16, which differs past U+FFFF. */
  private static final Comparator<String> UTF8_ORDER =
      Comparator.comparing(name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private final TreeMap<String, Entry> entries = new TreeMap<>(UTF8_ORDER);
  private long lastVersion;
  private Instant lastModified = Instant.EPOCH;

  /** Refuses a save whose condition does not hold. */
  synchronized void requireCondition(String name, SaveOptions options) {
    Entry present = entries.get(name);
    if (options.isOnlyIfAbsent() && present != null) {
      throw new AlreadyExistsException(name);
    }
    options.expectedVersion().ifPresent(expected -> requireVersion(name, expected, present));
  }

  /** Commits a save: condition and change are one step. */
  synchronized StoredObject put(String name, SegmentedBytes bytes, SaveOptions options) {
    requireCondition(name, options);
    Instant now = Instant.now();
    // A clock that was set back must not make a later save look older.
    lastModified = now.isAfter(lastModified) ? now : lastModified;
    StoredObject object =
        new StoredObject(
            name, bytes.size(), Long.toString(++lastVersion), lastModified, options.attributes());
    entries.put(name, new Entry(object, bytes));
    return object;
  }

  synchronized Entry get(String name, @Nullable String expectedVersion) {
    Entry present = entries.get(name);
    if (present == null) {
      throw new CheckpointNotFoundException(name);
    }
    if (expectedVersion != null) {
      requireVersion(name, expectedVersion, present);
    }
    return present;
  }

  synchronized boolean remove(String name, @Nullable String expectedVersion) {
    if (expectedVersion != null) {
      requireVersion(name, expectedVersion, entries.get(name));
    }
    return entries.remove(name) != null;
  }

  /**
   * The first object with a prefix.
   *
   * @param after only names past this one, or null for the first of all
   */
  synchronized @Nullable StoredObject next(String prefix, @Nullable String after) {
    Map.Entry<String, Entry> found =
        after == null ? entries.ceilingEntry(prefix) : entries.higherEntry(after);
    // Names with one prefix are neighbours in this order: the first without it ends them.
    return found == null || !found.getKey().startsWith(prefix) ? null : found.getValue().object();
  }

  private static void requireVersion(String name, String expected, @Nullable Entry present) {
    String found = present == null ? null : present.object().version();
    if (!expected.equals(found)) {
      throw new ChangedMeanwhileException(name, expected, found);
    }
  }
}
