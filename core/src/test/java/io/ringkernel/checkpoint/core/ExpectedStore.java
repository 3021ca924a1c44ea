package io.ringkernel.checkpoint.core;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What should be in a store: the model that {@link StoreModelTest} compares one with. */
final class ExpectedStore {
  /**
   * What should be under a name.
   *
   * @param order of the commit that it is, or is a copy of
   */
  record Expected(
      String kernelId,
      long order,
      boolean imported,
      ByteBuffer state,
      boolean savepoint,
      Set<String> tags) {
    Expected tagged(Set<String> others) {
      return new Expected(kernelId, order, imported, state, savepoint, others);
    }

    Expected copied() {
      return new Expected(kernelId, order, true, state, savepoint, tags);
    }

    /** Whether this is what is told; both may be null, for nothing. */
    static boolean isTold(Expected expected, CheckpointInfo info) {
      if (info == null || expected == null) {
        return info == null && expected == null;
      }
      return info.metadata().kernelId().equals(expected.kernelId())
          && info.metadata().step() == expected.order()
          && info.imported() == expected.imported()
          && info.savepoint() == expected.savepoint()
          && info.tags().equals(expected.tags());
    }
  }

  private static final Comparator<Map.Entry<String, Expected>> NEWEST_FIRST =
      Comparator.comparing((Map.Entry<String, Expected> entry) -> entry.getValue().order())
          .thenComparing(entry -> !entry.getValue().imported())
          .thenComparing(Map.Entry::getKey)
          .reversed();

  private final TreeMap<String, Expected> byName = new TreeMap<>();
  private long order;

  /** The number of the next commit. */
  long next() {
    return ++order;
  }

  /** What should be under a name; null: nothing. */
  Expected get(String name) {
    return byName.get(name);
  }

  /** The names under which there should be something, in order. */
  Set<String> names() {
    return new TreeSet<>(byName.keySet());
  }

  /** The names of a kernel's checkpoints. */
  List<String> names(String kernelId) {
    return byName.entrySet().stream()
        .filter(entry -> entry.getValue().kernelId().equals(kernelId))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** From now on that should be there; null: nothing. */
  void put(String name, Expected expected) {
    if (expected == null) {
      byName.remove(name);
    } else {
      byName.put(name, expected);
    }
  }

  /** What a pruning leaves that keeps the last of each kernel, savepoints, and what has a tag. */
  Set<String> kept(List<String> kernelIds, int last, String tag) {
    Set<String> kept = new TreeSet<>();
    for (String kernelId : kernelIds) {
      byName.entrySet().stream()
          .filter(entry -> entry.getValue().kernelId().equals(kernelId))
          .sorted(NEWEST_FIRST)
          .limit(last)
          .forEach(entry -> kept.add(entry.getKey()));
    }
    byName.forEach(
        (name, expected) -> {
          if (expected.savepoint() || expected.tags().contains(tag)) {
            kept.add(name);
          }
        });
    return kept;
  }
}
