package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.RefusedException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A process of its own that runs the demo's kernel: the same JDK, options and classes as here. */
final class DemoProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader events;

  private DemoProcess(Process process) {
    this.process = process;
    this.events =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Starts it.
   *
   * @param plan what it runs
   * @param more further options of {@link DemoKernelCommand}
   */
  static DemoProcess start(DemoPlan plan, List<String> more) {
    List<String> command = new ArrayList<>();
    command.add(String.join(File.separator, System.getProperty("java.home"), "bin", "java"));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> !option.startsWith("-agentlib:jdwp"))
        .forEach(command::add);
    String classPath = System.getProperty("java.class.path");
    command.addAll(
        // As it was started: a jar's manifest says more than its class path.
        classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator)
            ? List.of("-jar", classPath)
            : List.of("-cp", classPath, Rkcp.class.getName()));
    command.add(DemoKernelCommand.NAME);
    command.addAll(plan.options());
    command.addAll(more);
    try {
      return new DemoProcess(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its number in the system. */
  long pid() {
    return process.pid();
  }

  /** Waits for what it tells next; null when it has told everything. */
  @Nullable DemoEvent next() {
    try {
      String line = events.readLine();
      while (line != null) {
        DemoEvent event = DemoEvent.parse(line);
        if (event != null) {
          return event;
        }
        line = events.readLine();
      }
      return null;
    } catch (IOException e) {
      // Its end of the pipe went with it.
      return null;
    }
  }

  /** Kills it with SIGKILL: it can do nothing about it, not even finish a write. */
  void kill() {
    process.destroyForcibly();
  }

  /**
   * Waits for its end.
   *
   * @throws RefusedException when it failed by itself
   */
  void requireSuccess() {
    int code = exitCode();
    if (code != 0) {
      throw new RefusedException("the process that ran the kernel failed with exit code " + code);
    }
  }

  /** Waits for its end; 137 on Unix when it was killed. */
  int exitCode() {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException("interrupted while waiting for process " + pid(), e);
    }
  }

  /** It does not outlive this. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      boolean ended = process.waitFor(10, TimeUnit.SECONDS);
      assert ended || process.isAlive();
      events.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
