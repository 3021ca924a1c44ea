package io.ringkernel.checkpoint.gpu.cuda;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one owner of native objects: gives them back in reverse order, once. Used by one thread at a
 * time.
 */
final class NativeStack {
  /** Gives one object back; fails with {@link DriverException}. */
  interface Release {
    void run();
  }

  private final Deque<Release> releases = new ArrayDeque<>();

  /**
   * Takes an object over.
   *
   * @param release gives it back
   */
  void own(Release release) {
    releases.push(release);
  }

  /**
   * Gives everything back. One that fails does not keep the others: it is tried again after them,
   * since a driver may report an earlier failure through any call.
   *
   * @return the first failure that stayed, or null
   */
  @Nullable DriverException close() {
    List<Release> failed = new ArrayList<>();
    while (!releases.isEmpty()) {
      Release each = releases.pop();
      if (attempt(each) != null) {
        failed.add(each);
      }
    }
    DriverException first = null;
    for (Release each : failed) {
      DriverException again = attempt(each);
      if (first == null) {
        first = again;
      }
    }
    return first;
  }

  /** Does something once more when it fails; the failure that stayed, or null. */
  static @Nullable DriverException twice(Release release) {
    return attempt(release) == null ? null : attempt(release);
  }

  private static @Nullable DriverException attempt(Release release) {
    try {
      release.run();
      return null;
    } catch (DriverException e) {
      return e;
    }
  }
}
