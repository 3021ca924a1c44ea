package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that can't be written are told by the name that the user gave. */
class OutputFailuresTest {
  private static final int SIZE = 4 << 20;

  /** In blocks of 1 KiB: the state does not fit, all else does. */
  private static final int LIMIT = 1024;

  @TempDir Path directory;
  private String store;
  private Path state;

  @BeforeEach
  void saveSomething() throws IOException {
    store = Run.store(directory.resolve("store"));
    byte[] bytes = new byte[SIZE];
    new Random(7).nextBytes(bytes);
    state = Files.write(directory.resolve("state"), bytes);
    Run.rkcp("save", "-s", store, "x", "--region", "grid=" + state).done();
  }

  /** In a process of its own, whose files may not grow beyond the limit. */
  private String limited(List<Object> args) throws Exception {
    Path bash = Path.of("/bin/bash");
    assumeTrue(Files.isExecutable(bash), "needs bash for ulimit");
    ProcessBuilder builder = java(args).redirectInput(state.toFile());
    String limit = "ulimit -f " + LIMIT + "; exec \"$@\"";
    builder.command().addAll(0, List.of(bash.toString(), "-c", limit, "bash"));
    builder.environment().put("TMPDIR", directory.toString());
    builder.redirectError(directory.resolve("err").toFile());
    builder.redirectOutput(directory.resolve("out").toFile());
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    return Files.readString(directory.resolve("err"), StandardCharsets.UTF_8);
  }

  private static ProcessBuilder java(List<Object> args) {
    return new ProcessBuilder(Run.command(args));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cat", "export", "restore"})
  void namesTheFileThatFoundNoRoom(String command) throws Exception {
    Path file = directory.resolve("result");
    List<Object> args =
        switch (command) {
          case "cat" -> List.of("cat", "-s", store, "x", "--chunk", "grid", "-o", file);
          case "export" -> List.of("export", "-s", store, "x", file);
          default -> List.of("restore", "-s", store, "x", "--to", file);
        };

    String told = limited(args);

    String named = command.equals("restore") ? file.resolve("grid.bin").toString() : file + "";
    assertThat(told).startsWith("rkcp: '" + named + "': ").hasLineCount(1);
    assertThat(told).containsIgnoringCase("too large");
    assertThat(names()).containsExactly("err", "out", "state", "store");
  }

  @Test
  void saysThatStandardInputFoundNoRoomAndWhatHelps() throws Exception {
    String told = limited(List.of("save", "-s", store, "y", "--region", "grid=-"));

    assertThat(told)
        .startsWith("rkcp: standard input can't be copied aside to '" + directory + "': ")
        .contains("TMPDIR")
        .hasLineCount(1);
    assertThat(names()).containsExactly("err", "out", "state", "store");
  }

  @ParameterizedTest
  @ValueSource(strings = {"diff", "cat", "export"})
  void namesTheFileWhoseDirectoryIsMissing(String command) {
    Path file = directory.resolve("missing").resolve("result");

    Run run =
        switch (command) {
          case "diff" -> Run.rkcp("diff", "-s", store, "x", "x", "--png", file);
          case "cat" -> Run.rkcp("cat", "-s", store, "x", "--chunk", "grid", "-o", file);
          default -> Run.rkcp("export", "-s", store, "x", file);
        };

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("rkcp: '" + file + "': there is no such directory\n");
  }

  @Test
  void writesToADeviceAndDoesNotReplaceIt() throws Exception {
    Path pipe = directory.resolve("pipe");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "needs mkfifo");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path copy = directory.resolve("copy");
    Process reader =
        new ProcessBuilder("cat", pipe.toString()).redirectOutput(copy.toFile()).start();

    Run.rkcp("cat", "-s", store, "x", "--chunk", "grid", "-o", pipe).done();

    assertThat(reader.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(copy).hasSameBinaryContentAs(state);
    assertThat(Files.isRegularFile(pipe)).isFalse();
  }
}
