package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An algorithm's official tool, to check that what a codec stores is the standard form. */
public final class CommandLineTool {
  private static final int SECONDS = 120;

  private final String name;

  private CommandLineTool(String name) {
    this.name = name;
  }

  /**
   * The tool of this name on the path; without it, the calling test is reported as aborted.
   *
   * @param name as it is called, for example {@code zstd}
   */
  public static CommandLineTool required(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String folder : path.split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(folder, name))) {
        return new CommandLineTool(name);
      }
    }
    return abort(
        "the official tool '"
            + name
            + "' is not installed, so nothing was checked against it: install the package '"
            + name
            + "', as .ci/run does");
  }

  /**
   * Runs the tool on a file and gives what it writes to standard output.
   *
   * @param folder where to put the files; an empty, temporary one
   * @param input the file's content
   * @param arguments before the file's name; with what makes the tool write to standard output
   * @throws IOException when the tool can't be run
   * @throws InterruptedException when the calling thread is interrupted
   */
  public byte[] run(Path folder, byte[] input, String... arguments)
      throws IOException, InterruptedException {
    Path in = Files.write(folder.resolve("input"), input);
    Path out = folder.resolve("output");
    Path errors = folder.resolve("errors");
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(List.of(arguments));
    command.add(in.toString());
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).as("%s ends", command).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue())
        .as("exit of %s, which says: %s", command, Files.readString(errors))
        .isZero();
    return Files.readAllBytes(out);
  }
}
