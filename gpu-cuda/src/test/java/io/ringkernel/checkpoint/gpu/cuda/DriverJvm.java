package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A JVM of its own that finds the stand-in as it finds a driver: by the name of its library. And
 * what it is to run, packed as the build packs it.
 */
final class DriverJvm {
  private static final int SECONDS = 150;

  private DriverJvm() {}

  /**
   * Runs a main class to its end, which must be a good one.
   *
   * @return the lines it printed, and those of its errors
   */
  static List<String> run(Class<?> main, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of(options));
    command.add(main.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LD_LIBRARY_PATH", System.getProperty("rkcp.cuda.built"));
    Process process = builder.redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(said).isZero();
      return said.lines().toList();
    } finally {
      process.destroyForcibly();
    }
  }

  /** What the calling test is run with. */
  static List<Path> classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(Path::of)
        .toList();
  }

  static Path locationOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  static String joined(List<Path> paths) {
    return paths.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  static boolean isOneOf(Path path, String... names) {
    String name = path.getFileName().toString();
    return Stream.of(names).anyMatch(name::startsWith);
  }

  /**
   * Classes as a jar.
   *
   * @param classes their folder; a jar already where the tests run on one
   * @param jar to be made
   * @param module automatic, by this name
   */
  static Path jarOf(Path classes, Path jar, String module) throws IOException {
    if (!Files.isDirectory(classes)) {
      return classes;
    }
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Automatic-Module-Name", module);
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest);
        Stream<Path> files = Files.walk(classes)) {
      for (Path each : files.filter(path -> !path.equals(classes)).toList()) {
        add(out, each, classes.relativize(each).toString().replace(File.separatorChar, '/'));
      }
    }
    return jar;
  }

  /** With folders of their own, by which packages are found. */
  private static void add(JarOutputStream out, Path path, String name) throws IOException {
    boolean isFile = Files.isRegularFile(path);
    out.putNextEntry(new JarEntry(isFile ? name : name + "/"));
    if (isFile) {
      Files.copy(path, out);
    }
    out.closeEntry();
  }
}
