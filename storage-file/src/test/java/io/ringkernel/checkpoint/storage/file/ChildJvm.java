package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.tck.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another process with this library, to be talked to by lines, or killed. */
final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final Writer input;

  private ChildJvm(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    this.input = process.outputWriter(StandardCharsets.UTF_8);
  }

  /** Starts a class's main method. */
  static ChildJvm start(Class<?> main, String... arguments) throws IOException {
    return start(new ProcessBuilder(), List.of(), main, arguments);
  }

  /**
   * Starts a class's main method behind a command that runs another, in the environment of {@code
   * builder}.
   */
  static ChildJvm start(
      ProcessBuilder builder, List<String> prefix, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new ChildJvm(
        builder.command(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** The next line that it prints, or null at its end. */
  String line() throws IOException {
    return output.readLine();
  }

  /** All lines from here to the end. */
  List<String> lines() {
    return output.lines().toList();
  }

  void say(String line) throws IOException {
    input.write(line + "\n");
    input.flush();
  }

  /** SIGKILL: it gets no chance to clean up. */
  void kill() throws InterruptedException {
    // By its handle, which leaves what it printed to be read.
    process.toHandle().destroyForcibly();
    assertThat(process.waitFor(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  void assertSucceeds() throws InterruptedException {
    assertThat(process.waitFor(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
