package io.ringkernel.checkpoint.compression.zstd;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own, for what can be tried once in each. */
final class ChildJvm {
  private ChildJvm() {}

  /** The lines that a main class prints on a machine for which no native library was ever built. */
  static List<String> withoutNativeLibraries(Class<?> main) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dos.arch=pdp11",
                "-Djava.library.path=",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the child ends").isTrue();
      assertThat(process.exitValue()).as("exit, having printed: %s", output).isZero();
      return output.lines().toList();
    } finally {
      process.destroyForcibly();
    }
  }
}
