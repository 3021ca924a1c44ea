package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A separate JVM on the test's class path, for what can be tried only once in a JVM. */
public final class ChildJvm {
  private static final int SECONDS = 120;
  private static final int FIRST_TO_WARN_OF_NATIVE_CODE = 24;

  private ChildJvm() {}

  /**
   * Runs a main class to its end; it must succeed.
   *
   * @param main a class with a public main method
   * @param options for the JVM, for example {@code -Xmx64m}
   * @param arguments for the main method
   * @return the lines it printed
   * @throws IOException when it can't be started
   * @throws InterruptedException when the calling thread is interrupted
   */
  public static List<String> run(Class<?> main, List<String> options, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= FIRST_TO_WARN_OF_NATIVE_CODE) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).as("the child ends").isTrue();
      assertThat(process.exitValue()).as("exit, having printed: %s", output).isZero();
      return output.lines().toList();
    } finally {
      process.destroyForcibly();
    }
  }
}
