package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.util.Map;

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
 *       wait} (the default) or {@code refuse}.
 * </ul>
 *
 * @param shadow whether to copy aside
 * @param shadowLimit the most bytes in all open shadows
 * @param waits whether a second capture waits
 */
record HostOptions(boolean shadow, long shadowLimit, boolean waits) {
  static HostOptions of(KernelDescriptor descriptor) {
    for (String name : descriptor.options().keySet()) {
      switch (name) {
        case "capture", "shadow-limit", "second-capture" -> {}
        default ->
            throw refused(
                descriptor,
                "option '" + name + "' is unknown; known: capture, shadow-limit, second-capture");
      }
    }
    return new HostOptions(
        isFirst(descriptor, "capture", "shadow", "straight"),
        limit(descriptor),
        isFirst(descriptor, "second-capture", "wait", "refuse"));
  }

  /** Whether an option has the first of its two values, which is its default. */
  private static boolean isFirst(
      KernelDescriptor descriptor, String option, String first, String second) {
    String value = descriptor.options().getOrDefault(option, first);
    if (!value.equals(first) && !value.equals(second)) {
      throw refused(
          descriptor,
          "option '" + option + "' must be " + first + " or " + second + ", not '" + value + "'");
    }
    return value.equals(first);
  }

  private static long limit(KernelDescriptor descriptor) {
    Map<String, String> options = descriptor.options();
    String value = options.getOrDefault("shadow-limit", Long.toString(Long.MAX_VALUE));
    if (!value.matches("[0-9]{1,19}")) {
      throw refused(
          descriptor, "option 'shadow-limit' must be a number of bytes, not '" + value + "'");
    }
    return value.length() == 19 && value.compareTo(Long.toString(Long.MAX_VALUE)) > 0
        ? Long.MAX_VALUE
        : Long.parseLong(value);
  }

  private static KernelException refused(KernelDescriptor descriptor, String reason) {
    return new KernelException(descriptor.kernelId(), KernelException.Phase.ADAPT, reason, null);
  }
}
