package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * The settings of the host adapter, by name:
 *
 * <ul>
 *   <li>{@code capture}: {@code shadow} (the default) copies the state aside, so that the kernel
 *       stands still for a copy in memory only; {@code straight} reads it from where it is, and the
 *       kernel stands still until the checkpoint is closed;
 *   <li>{@code shadow-limit}: the most bytes in all shadows that are open, at least 0; what finds
 *       no room is captured straight, and the capture's notes say so; no limit unless set;
 *   <li>{@code second-capture}: what a capture or restore does while another is under way: {@code
 *       wait} (the default) or {@code refuse};
 *   <li>{@code quiesce-timeout} and {@code resume-timeout}: milliseconds for the hook that stops
 *       the kernel, and for the one that lets it run on; 30000 each unless set.
 * </ul>
 *
 * @param shadow whether to copy aside
 * @param shadowLimit the most bytes in all open shadows
 * @param waits whether a second capture waits
 * @param quiesceTimeout how long it may take to come to a stop
 * @param resumeTimeout how long it may take to run on
 */
record HostOptions(
    boolean shadow,
    long shadowLimit,
    boolean waits,
    Duration quiesceTimeout,
    Duration resumeTimeout) {
  private static final int MOST_MILLIS = 86_400_000;

  private static final Set<String> KNOWN =
      Set.of("capture", "quiesce-timeout", "resume-timeout", "second-capture", "shadow-limit");

  static HostOptions of(KernelDescriptor descriptor) {
    for (String name : descriptor.options().keySet()) {
      if (!KNOWN.contains(name)) {
        throw refused(
            descriptor,
            name,
            "the host adapter has none of this name; known: "
                + String.join(", ", KNOWN.stream().sorted().toList()));
      }
    }
    return new HostOptions(
        isFirst(descriptor, "capture", "shadow", "straight"),
        limit(descriptor),
        isFirst(descriptor, "second-capture", "wait", "refuse"),
        millis(descriptor, "quiesce-timeout"),
        millis(descriptor, "resume-timeout"));
  }

  /** Whether an option has the first of its two values, which is its default. */
  private static boolean isFirst(
      KernelDescriptor descriptor, String option, String first, String second) {
    String value = descriptor.options().getOrDefault(option, first);
    if (!value.equals(first) && !value.equals(second)) {
      throw refused(
          descriptor, option, "it must be " + first + " or " + second + ", not '" + value + "'");
    }
    return value.equals(first);
  }

  private static long limit(KernelDescriptor descriptor) {
    Map<String, String> options = descriptor.options();
    String value = options.getOrDefault("shadow-limit", Long.toString(Long.MAX_VALUE));
    if (!value.matches("[0-9]{1,19}")) {
      throw refused(
          descriptor, "shadow-limit", "it must be a number of bytes, not '" + value + "'");
    }
    return value.length() == 19 && value.compareTo(Long.toString(Long.MAX_VALUE)) > 0
        ? Long.MAX_VALUE
        : Long.parseLong(value);
  }

  private static Duration millis(KernelDescriptor descriptor, String option) {
    String value = descriptor.options().getOrDefault(option, "30000");
    int millis = value.matches("[0-9]{1,8}") ? Integer.parseInt(value) : 0;
    if (millis < 1 || millis > MOST_MILLIS) {
      throw refused(
          descriptor,
          option,
          "it must be a number of milliseconds from 1 to " + MOST_MILLIS + ", not '" + value + "'");
    }
    return Duration.ofMillis(millis);
  }

  private static InvalidOptionException refused(
      KernelDescriptor descriptor, String option, String reason) {
    return new InvalidOptionException(
        option, reason + "; kernel '" + descriptor.kernelId() + "' is described with it", null);
  }
}
