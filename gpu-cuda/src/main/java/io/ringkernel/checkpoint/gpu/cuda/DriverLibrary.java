package io.ringkernel.checkpoint.gpu.cuda;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether there is a CUDA driver on this machine. That it can't be loaded is kept as a value: the
 * JVM tries once for all, and tells the cause only the first time.
 */
final class DriverLibrary {
  private static final Optional<String> MISSING = load();

  private DriverLibrary() {}

  private static Optional<String> load() {
    try {
      // Links JCuda's library, which needs libcuda.so.1 of the driver. The one call that may come
      // before the driver has started, and does not start it.
      jcuda.driver.JCudaDriver.cuDriverGetVersion(new int[1]);
      return Optional.empty();
    } catch (jcuda.CudaException e) {
      return Optional.empty();
    } catch (LinkageError e) {
      return Optional.of(
          "no CUDA driver on this machine: " + reason(e) + "; install one for CUDA 12 or newer");
    }
  }

  /** Why the driver can't be called at all; empty when it can. */
  static Optional<String> missing() {
    return MISSING;
  }

  /**
   * Why there is no device to work with, in one sentence; empty when there is one.
   *
   * @param limit how long the driver is waited for
   */
  static Optional<String> unavailable(Duration limit) {
    if (MISSING.isPresent()) {
      return MISSING;
    }
    try {
      return Startup.ask(limit, Driver::deviceCount, late -> {}) > 0
          ? Optional.empty()
          : Optional.of("the CUDA driver knows no device on this machine");
    } catch (DriverException | StuckDriverException | IllegalStateException e) {
      return Optional.of("the CUDA driver can't start: " + e.getMessage());
    }
  }

  /** JCuda's message lists all it tried, over many lines; what counts is in the one on libcuda. */
  private static String reason(LinkageError error) {
    String message = String.valueOf(error.getMessage());
    return message
        .lines()
        .filter(line -> line.contains("libcuda."))
        .map(line -> line.substring(line.indexOf("libcuda.")).strip())
        .findFirst()
        .orElseGet(() -> message.lines().findFirst().orElse("its library can't be loaded"));
  }
}
