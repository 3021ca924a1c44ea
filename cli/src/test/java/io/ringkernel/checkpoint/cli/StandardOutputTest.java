package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Standard output under its names, as a shell redirects it, and links that are not devices. */
class StandardOutputTest {
  private static final Path BASH = Path.of("/bin/bash");

  @TempDir Path directory;
  private String store;
  private byte[] state;
  private Path whole;
  private Path out;

  @BeforeEach
  void saveSomething() throws IOException {
    assumeTrue(Files.isExecutable(BASH), "needs bash");
    assumeTrue(Files.isSymbolicLink(Path.of("/dev/stdout")), "needs /dev/stdout");
    store = Run.store(directory.resolve("store"));
    state = new byte[1 << 20];
    new Random(7).nextBytes(state);
    Path file = Files.write(directory.resolve("state"), state);
    Run.rkcp("save", "-s", store, "x", "--region", "grid=" + file).done();
    whole = directory.resolve("whole.rkcp");
    Run.rkcp("export", "-s", store, "x", whole).done();
    out = directory.resolve("out");
    Files.createSymbolicLink(directory.resolve("link"), Path.of("/dev/stdout"));
  }

  /**
   * A script in the directory, in which {@code "$@"} is rkcp with the arguments; told is stderr.
   */
  private String shell(String script, Object... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(BASH.toString(), "-c", "set -eo pipefail; " + script, "bash"));
    command.addAll(Run.command(List.of(args)));
    Path err = directory.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectError(err.toFile())
            .redirectOutput(directory.resolve("unused").toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String told = Files.readString(err);
    assertThat(process.exitValue()).as(told).isZero();
    return told;
  }

  /** Each file has a random id, so no two are the same. */
  private void assertExported(Path file) throws IOException {
    assertThat(Files.size(file)).isEqualTo(Files.size(whole));
    Run.rkcp("verify", file).done();
    assertThat(Run.rkcp("cat", file, "--chunk", "grid").done().bytes()).isEqualTo(state);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link", "out"})
  void exportsIntoAFileUnderAnyOfItsNames(String name) throws Exception {
    assertThat(shell("\"$@\" > out", "export", "-s", store, "x", name)).isEmpty();

    assertExported(out);
    assertThat(Files.isSymbolicLink(Path.of("/dev/stdout"))).isTrue();
    assertThat(Files.isSymbolicLink(directory.resolve("link"))).isTrue();
  }

  @Test
  void exportsIntoAPipeWithoutASummary() throws Exception {
    String told = shell("\"$@\" | cat > out", "export", "-s", store, "x", "/dev/stdout", "--json");

    assertThat(told).isEmpty();
    assertExported(out);
  }

  @Test
  void isSilentWhenTheReaderGoesAway() throws Exception {
    String told = shell("\"$@\" | head -c 1 > out", "export", "-s", store, "x", "/dev/stdout");

    assertThat(told).isEmpty();
    assertThat(out).hasSize(1);
  }

  @Test
  void convertsIntoAFile() throws Exception {
    Path converted = directory.resolve("v1.rkcp");
    Run.rkcp("convert", whole, converted, "--format", "1").done();

    shell("\"$@\" > out", "convert", whole, "/dev/stdout", "--format", "1");

    assertThat(out).hasSameBinaryContentAs(converted);
    Run.rkcp("verify", out).done();
  }

  @Test
  void appendsAChunkToWhatIsThere() throws Exception {
    Files.writeString(out, "before\n");

    shell("\"$@\" >> out", "cat", "-s", store, "x", "--chunk", "grid", "-o", "/dev/stdout");

    assertThat(out).hasBinaryContent(framed("before\n", ""));
  }

  @Test
  void writesAChunkBetweenWhatOthersWrite() throws Exception {
    String script = "{ echo before; \"$@\"; echo after; } > out";

    shell(script, "cat", "-s", store, "x", "--chunk", "grid", "-o", "/dev/stdout");

    assertThat(out).hasBinaryContent(framed("before\n", "after\n"));
  }

  /** Without a redirect, that descriptor is a file of the Java installation. */
  @Test
  void writesToNoFileThatADescriptorHasOpen() throws Exception {
    String script = "{ echo before >&3; ! \"$@\"; } 3> out";

    String told = shell(script, "cat", "-s", store, "x", "--chunk", "grid", "-o", "/dev/fd/3");

    assertThat(told).contains("'/dev/fd/3' is no pipe");
    assertThat(out).hasContent("before");
  }

  private byte[] framed(String before, String after) {
    byte[] framed = new byte[before.length() + state.length + after.length()];
    System.arraycopy(before.getBytes(StandardCharsets.UTF_8), 0, framed, 0, before.length());
    System.arraycopy(state, 0, framed, before.length(), state.length);
    byte[] end = after.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(end, 0, framed, before.length() + state.length, end.length);
    return framed;
  }

  @Test
  void drawsAPictureWithoutTheTable() throws Exception {
    Path picture = directory.resolve("picture.png");
    Run.rkcp("diff", "-s", store, "x", "x", "--png", picture).done();

    shell("\"$@\" > out", "diff", "-s", store, "x", "x", "--png", "/dev/stdout");

    assertThat(out).hasSameBinaryContentAs(picture);
  }

  @Test
  void replacesALinkBelowDevThatLeadsToAFile() throws Exception {
    Path memory = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(memory), "needs /dev/shm");
    Path below = Files.createTempDirectory(memory, "rkcp-test");
    try {
      byte[] longer = new byte[4 << 20];
      Path target = Files.write(below.resolve("target"), longer);
      Path link = Files.createSymbolicLink(below.resolve("link"), target);

      Run.rkcp("export", "-s", store, "x", link).done();

      assertThat(Files.isRegularFile(link, LinkOption.NOFOLLOW_LINKS)).isTrue();
      assertExported(link);
      assertThat(target).hasBinaryContent(longer);
    } finally {
      try (Stream<Path> files = Files.list(below)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(below);
    }
  }
}
