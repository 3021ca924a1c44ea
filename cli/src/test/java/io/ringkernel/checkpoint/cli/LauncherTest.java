package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script, in a checkout whose Maven and JDK are stand-ins that tell what they do. */
class LauncherTest {
  private static final Path BASH = Path.of("/bin/bash");

  /** Builds at once, or takes its time where a file says so. */
  private static final String MAVEN =
      """
      #!/bin/bash
      echo "$PWD" >>"$LAUNCHER_TEST/builds"
      echo '[INFO] Building RingKernel Checkpoint: engine 0.1.0-SNAPSHOT               [11/12]'
      [ ! -e cli/target/launcher/half ] || echo half >>"$LAUNCHER_TEST/leftovers"
      mkdir -p cli/target/launcher/lib
      : >cli/target/launcher/half
      [ ! -e "$LAUNCHER_TEST/fails" ] || { echo '[ERROR] it does not compile'; exit 1; }
      [ ! -e "$LAUNCHER_TEST/slow" ] || sleep 20
      rm cli/target/launcher/half
      echo jar >cli/target/launcher/lib/core.jar
      echo jar >cli/target/launcher/ringkernel-checkpoint-cli-0.1.0-SNAPSHOT.jar
      """;

  /** Makes what it is told to make, and tells what it was started with. */
  private static final String JAVA =
      """
      #!/bin/bash
      jar=
      for arg; do
        case "$arg" in
          -XX:DumpLoadedClassList=*) echo class >"${arg#*=}"; exit 0 ;;
          -Xshare:dump) echo archive >classes.jsa; exit 0 ;;
        esac
      done
      while [ "$1" != -jar ]; do echo "option $1"; shift; done
      echo "jar $2"
      shift 2
      for arg; do echo "argument $arg"; done
      """;

  @TempDir Path directory;
  private Path checkout;
  private Path jdk;

  @BeforeEach
  void makeCheckout() throws IOException {
    assumeTrue(Files.isExecutable(BASH), "needs bash");
    checkout = Files.createDirectories(directory.resolve("a checkout"));
    Files.copy(Path.of("..", "rkcp"), checkout.resolve("rkcp"));
    makeExecutable(checkout.resolve("rkcp"));
    Files.createFile(checkout.resolve("pom.xml"));
    for (String module : modules()) {
      Files.createDirectories(checkout.resolve(module).resolve("src/main/java"));
      Files.createDirectories(checkout.resolve(module).resolve("src/test/java"));
    }
    Path bin = Files.createDirectories(directory.resolve("bin"));
    makeExecutable(Files.writeString(bin.resolve("mvn"), MAVEN));
    jdk = jdk("17.0.9");
    Files.createSymbolicLink(bin.resolve("java"), jdk.resolve("bin/java"));
  }

  /** As the script lists them. */
  private List<String> modules() throws IOException {
    Matcher list =
        Pattern.compile("modules=\\(([^)]*)\\)")
            .matcher(Files.readString(checkout.resolve("rkcp")));
    assertThat(list.find()).isTrue();
    return List.of(list.group(1).strip().split("\\s+"));
  }

  private Path jdk(String version) throws IOException {
    Path home = Files.createDirectories(directory.resolve("jdk " + version));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    Files.createDirectories(home.resolve("bin"));
    makeExecutable(Files.writeString(home.resolve("bin/java"), JAVA));
    return home;
  }

  private static void makeExecutable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Process start(Path launcher, Path workingDirectory, Path javaHome, String... args)
      throws IOException {
    // Tests that run in the background of a shell ignore an interrupt, and so would the launcher.
    List<String> command =
        new ArrayList<>(List.of("setsid", "env", "--default-signal=INT", launcher.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).directory(workingDirectory.toFile());
    builder.redirectErrorStream(true);
    builder.environment().put("PATH", directory.resolve("bin") + ":/usr/bin:/bin");
    builder.environment().put("LAUNCHER_TEST", directory.toString());
    builder.environment().remove("JAVA_HOME");
    builder.environment().remove("RKCP_STORE");
    builder.environment().put("JAVA_OPTS", "-Xmx256m -Dx=*");
    if (javaHome != null) {
      builder.environment().put("JAVA_HOME", javaHome.toString());
    }
    return builder.start();
  }

  private static List<String> ended(Process process, int code) throws Exception {
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(told).isEqualTo(code);
    return told.lines().toList();
  }

  private List<String> run(String... args) throws Exception {
    return ended(start(checkout.resolve("rkcp"), directory, null, args), 0);
  }

  private List<String> builds() throws IOException {
    Path builds = directory.resolve("builds");
    return Files.exists(builds) ? Files.readAllLines(builds) : List.of();
  }

  @Test
  void buildsOnFirstUseAndThenStartsAtOnce() throws Exception {
    List<String> first = run("ls", "a b", "*");
    List<String> second = run("ls");

    assertThat(first)
        .anyMatch(line -> line.startsWith("rkcp: building from the sources with Maven: "))
        .contains("rkcp:   [11/12] engine", "argument a b", "argument *", "option -Xmx256m")
        .contains("option -Dx=*")
        .anyMatch(line -> line.matches("option -Drkcp[.]called=.*/rkcp"))
        .last()
        .isEqualTo("argument *");
    assertThat(second).noneMatch(line -> line.startsWith("rkcp: ")).contains("argument ls");
    assertThat(second).anyMatch(line -> line.startsWith("option -XX:SharedArchiveFile="));
    assertThat(builds()).containsExactly(checkout.toRealPath().toString());
  }

  @Test
  void startsThroughALinkFromAnywhere() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), checkout.resolve("rkcp"));
    String jar = "jar " + checkout.toRealPath();

    assertThat(ended(start(link, Path.of("/"), jdk, "--version"), 0))
        .contains("argument --version")
        .anyMatch(line -> line.startsWith(jar));
  }

  @Test
  void buildsOnceForTwoFirstStarts() throws Exception {
    List<Process> both = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      both.add(start(checkout.resolve("rkcp"), directory, null, "ls"));
    }

    for (Process process : both) {
      assertThat(ended(process, 0)).contains("argument ls");
    }
    assertThat(builds()).hasSize(1);
  }

  @Test
  void buildsAnewBehindABuildThatWasInterrupted() throws Exception {
    Path slow = Files.createFile(directory.resolve("slow"));
    Process process = start(checkout.resolve("rkcp"), directory, null, "ls");
    while (!Files.exists(checkout.resolve("cli/target/launcher/half"))) {
      assertThat(process.isAlive()).isTrue();
      Thread.sleep(20);
    }

    assertThat(new ProcessBuilder("kill", "-INT", "--", "-" + process.pid()).start().waitFor())
        .isZero();

    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isNotZero();
    assertThat(told).endsWith("rkcp: interrupted; the next start builds again\n");
    Files.delete(slow);
    assertThat(run("ls")).contains("argument ls");
    assertThat(builds()).hasSize(2);
    assertThat(directory.resolve("leftovers")).doesNotExist();
    try (Stream<Path> apps = Files.list(checkout.resolve("cli/target/rkcp"))) {
      assertThat(apps.filter(path -> path.getFileName().toString().startsWith("app-"))).hasSize(1);
    }
  }

  @Test
  void tellsWhyABuildFailedAndWhereTheLogIs() throws Exception {
    Path fails = Files.createFile(directory.resolve("fails"));

    List<String> told = ended(start(checkout.resolve("rkcp"), directory, null, "ls"), 1);

    assertThat(told).contains("[ERROR] it does not compile");
    assertThat(told).last().asString().startsWith("rkcp: the build failed").contains("build.log");
    Files.delete(fails);
    assertThat(run("ls")).contains("argument ls");
  }

  @Test
  void buildsAgainAfterTheSourcesChangedButNotTheTests() throws Exception {
    run("ls");
    FileTime later = FileTime.from(Instant.now().plusSeconds(60));
    Path source = checkout.resolve("core/src/test/java/Changed.java");
    Files.setLastModifiedTime(Files.createFile(source), later);
    run("ls");
    assertThat(builds()).hasSize(1);

    source = checkout.resolve("core/src/main/java/Changed.java");
    Files.setLastModifiedTime(Files.createFile(source), later);
    run("ls");

    assertThat(builds()).hasSize(2);
  }

  @Test
  void startsInACheckoutThatMayNotBeWritten() throws Exception {
    run("ls");
    Path home = checkout.resolve("cli/target/rkcp");
    List<Path> locked;
    try (Stream<Path> below = Files.walk(home)) {
      locked = below.filter(Files::isDirectory).toList();
    }
    for (Path path : locked) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r-xr-xr-x"));
    }
    try {
      assumeTrue(!Files.isWritable(home), "root may write everywhere");

      assertThat(ended(start(checkout.resolve("rkcp"), directory, jdk("21.0.1"), "ls"), 0))
          .contains("argument ls")
          .noneMatch(line -> line.contains("denied"));
    } finally {
      for (Path path : locked) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
  }

  @Test
  @Timeout(60)
  void startsAtOnceAndSilentlyOnAnotherJdkThanItWasBuiltOn() throws Exception {
    run("ls");

    List<String> told = ended(start(checkout.resolve("rkcp"), directory, jdk("25"), "ls"), 0);

    assertThat(told)
        .contains("argument ls")
        .allMatch(line -> line.matches("(option|jar|argument) .*"));
    assertThat(builds()).hasSize(1);
    // It goes on behind its back, in a directory that is about to be removed.
    while (!areQuickStartsPrepared()) {
      Thread.sleep(10);
    }
  }

  /** One for each of two JDKs, and nothing left of the making. */
  private boolean areQuickStartsPrepared() throws IOException {
    try (Stream<Path> made =
        Files.find(checkout, 8, (path, is) -> path.toString().contains("app-"))) {
      List<String> names = made.map(path -> path.getFileName().toString()).toList();
      return names.stream().filter(name -> name.endsWith(".jsa")).count() == 2
          && names.stream().noneMatch(name -> name.startsWith("archive-"));
    } catch (UncheckedIOException e) {
      // Something was removed while it was looked at.
      return false;
    }
  }

  @Test
  void saysThatAJdkIsTooOldOrMissing() throws Exception {
    Path old = jdk("11.0.2");
    assertThat(ended(start(checkout.resolve("rkcp"), directory, old, "ls"), 1))
        .containsExactly(
            "rkcp: "
                + old.toRealPath().resolve("bin/java")
                + " is a JDK 11: install a JDK 17 or newer, or set JAVA_HOME to one");

    Path none = directory.resolve("none");
    assertThat(ended(start(checkout.resolve("rkcp"), directory, none, "ls"), 1))
        .first()
        .isEqualTo("rkcp: JAVA_HOME=" + none + " has no bin/java");
  }
}
