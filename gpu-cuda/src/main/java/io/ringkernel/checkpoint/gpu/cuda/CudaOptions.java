package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * The settings of the CUDA adapter, by name:
 *
 * <ul>
 *   <li>{@code device}: the ordinal of the device; 0 unless set;
 *   <li>{@code context}: {@code primary} (the default), the device's primary context, which the
 *       CUDA runtime uses as well; or {@code current}, the caller's own, current on the thread that
 *       adapts, which must outlive the kernel; {@code device} is then not looked at;
 *   <li>{@code capture}: {@code shadow} (the default) copies the state aside on the device, so that
 *       the kernel stands still for that only; {@code straight} reads it from where it is, and the
 *       kernel stands still until the checkpoint is closed;
 *   <li>{@code shadow-limit}: the most bytes of device memory for the shadow; no limit unless set.
 *       Where there is no room the kernel is captured straight, and the capture's notes say so;
 *   <li>{@code second-capture}: what a capture or restore does while another is under way: {@code
 *       wait} (the default) or {@code refuse};
 *   <li>{@code fingerprints}: {@code device} (the default) finds out on the device which blocks
 *       changed; {@code off} makes every capture a full one;
 *   <li>{@code block-size}: bytes; the smallest blocks of a base that there is room to fingerprint;
 *       65536 unless set;
 *   <li>{@code resident}: how many thread blocks of the caller's stay on the device while it stands
 *       still under hooks of its own; 0 unless set. As many as the device has multiprocessors or
 *       more may fill it: then nothing is launched or copied within the device. Of fewer, each is
 *       taken to fill one, and no more of ours is launched than the driver says the others hold;
 *   <li>{@code ring-buffers} and {@code ring-buffer-size}: how many pinned buffers there are for
 *       each direction, and bytes in each; 4 of 4194304 unless set. Memory that the caller has
 *       pinned is copied to and from straight;
 *   <li>{@code timeout} and {@code quiesce-timeout}: milliseconds for one thing the device does,
 *       and for coming to stand still; 30000 each unless set;
 *   <li>{@code restore}: {@code direct} (the default), or {@code read-first}: all of a checkpoint
 *       is read once, and so verified, before the kernel is stopped.
 * </ul>
 */
record CudaOptions(
    int device,
    boolean ownContext,
    boolean shadow,
    long shadowLimit,
    boolean waits,
    boolean fingerprints,
    int blockSize,
    int resident,
    int ringBuffers,
    int ringBufferSize,
    Duration timeout,
    Duration quiesceTimeout,
    boolean readFirst) {
  private static final Set<String> KNOWN =
      Set.of(
          "block-size",
          "capture",
          "context",
          "device",
          "fingerprints",
          "quiesce-timeout",
          "resident",
          "restore",
          "ring-buffer-size",
          "ring-buffers",
          "second-capture",
          "shadow-limit",
          "timeout");

  static CudaOptions of(KernelDescriptor descriptor) {
    for (String name : descriptor.options().keySet()) {
      if (!KNOWN.contains(name)) {
        throw refused(
            descriptor,
            name,
            "the CUDA adapter has none of this name; known: "
                + String.join(", ", KNOWN.stream().sorted().toList()));
      }
    }
    return new Reader(descriptor).read();
  }

  private static InvalidOptionException refused(
      KernelDescriptor descriptor, String option, String reason) {
    return new InvalidOptionException(
        option, reason + "; kernel '" + descriptor.kernelId() + "' is described with it", null);
  }

  private record Reader(KernelDescriptor descriptor) {
    CudaOptions read() {
      return new CudaOptions(
          (int) number("device", 0, 0, Integer.MAX_VALUE),
          isFirst("context", "primary", "current"),
          isFirst("capture", "shadow", "straight"),
          number("shadow-limit", Long.MAX_VALUE, 0, Long.MAX_VALUE),
          isFirst("second-capture", "wait", "refuse"),
          isFirst("fingerprints", "device", "off"),
          (int) number("block-size", 65_536, 1, 1 << 30),
          (int) number("resident", 0, 0, Integer.MAX_VALUE),
          (int) number("ring-buffers", 4, 1, 64),
          (int) number("ring-buffer-size", 4 << 20, 4096, 1 << 30),
          millis("timeout"),
          millis("quiesce-timeout"),
          !isFirst("restore", "direct", "read-first"));
    }

    /** Whether an option has the first of its two values, which is its default. */
    private boolean isFirst(String option, String first, String second) {
      String value = descriptor.options().getOrDefault(option, first);
      if (!value.equals(first) && !value.equals(second)) {
        throw refused(
            descriptor, option, "it must be " + first + " or " + second + ", not '" + value + "'");
      }
      return value.equals(first);
    }

    private Duration millis(String option) {
      return Duration.ofMillis(number(option, 30_000, 1, 86_400_000));
    }

    private long number(String option, long otherwise, long least, long most) {
      Map<String, String> options = descriptor.options();
      String value = options.getOrDefault(option, Long.toString(otherwise));
      if (value.matches("[0-9]{1,18}|" + otherwise)) {
        long number = Long.parseLong(value);
        if (number >= least && number <= most) {
          return number;
        }
      }
      throw refused(
          descriptor,
          option,
          "it must be a number from " + least + " to " + most + ", not '" + value + "'");
    }
  }
}
