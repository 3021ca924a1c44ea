package io.ringkernel.checkpoint.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.IVersionProvider;

/** What {@code rkcp --version} tells. */
final class Version implements IVersionProvider {
  /** The version of this build. */
  static String number() {
    try (InputStream resource = Version.class.getResourceAsStream("version.txt")) {
      return resource == null
          ? "unknown"
          : new String(resource.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "rkcp " + number() + " (RingKernel Checkpoint for Java)",
      "JDK " + System.getProperty("java.runtime.version") + ", " + System.getProperty("java.home")
    };
  }
}
