package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
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
import modulepath.ModulePathProgram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The adapter works on the class path and as an automatic module. JCuda looks for its natives
 * within its own module, and they are a jar of their own: so on the module path they are patched
 * into it, or JCuda stays on the class path.
 */
@ExtendWith(OnStandIn.class)
@Timeout(120)
class ModulePathTest {
  private static final String MODULE = "io.ringkernel.checkpoint.gpu.cuda";

  /** An automatic module names nothing that it needs. */
  private static final String ROOTS = MODULE + ",io.ringkernel.checkpoint";

  @TempDir private Path directory;

  private static Path locationOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static List<Path> classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(Path::of)
        .toList();
  }

  private static String joined(List<Path> paths) {
    return paths.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static boolean isOneOf(Path path, String... names) {
    String name = path.getFileName().toString();
    return Stream.of(names).anyMatch(name::startsWith);
  }

  /** What the adapter needs, without JCuda. */
  private List<Path> modules() throws Exception {
    List<Path> modules = new ArrayList<>();
    modules.add(adapterJar());
    modules.add(locationOf(CheckpointableKernel.class));
    classPath().stream()
        .filter(path -> isOneOf(path, "reactor-core-", "reactive-streams-", "jspecify-"))
        .forEach(modules::add);
    return modules;
  }

  /** The tests' classes, and what else they need on the class path. */
  private static List<Path> tests(String... more) throws Exception {
    List<Path> paths = new ArrayList<>();
    paths.add(locationOf(ModulePathProgram.class));
    classPath().stream().filter(path -> isOneOf(path, more)).forEach(paths::add);
    return paths;
  }

  /** As the build packs it: automatic, by the name that the build gives it. */
  private Path adapterJar() throws Exception {
    Path classes = locationOf(CudaKernel.class);
    if (!Files.isDirectory(classes)) {
      return classes;
    }
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .putValue("Automatic-Module-Name", System.getProperty("rkcp.cuda.module"));
    Path jar = directory.resolve("adapter.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest);
        Stream<Path> files = Files.walk(classes)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(
            new JarEntry(classes.relativize(each).toString().replace(File.separatorChar, '/')));
        Files.copy(each, out);
        out.closeEntry();
      }
    }
    return jar;
  }

  private static List<String> run(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of(options));
    command.add(ModulePathProgram.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    // Found as a driver is: by the name of its library.
    builder.environment().put("LD_LIBRARY_PATH", System.getProperty("rkcp.cuda.built"));
    Process process = builder.redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(said).isZero();
      return said.lines()
          .filter(line -> line.startsWith("> "))
          .map(line -> line.substring(2))
          .toList();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void worksOnTheClassPath() throws Exception {
    List<String> said = run("-cp", System.getProperty("java.class.path"));

    assertThat(said.get(0)).isEqualTo("restored");
    assertThat(said.get(1)).startsWith("adapter in unnamed module");
    assertThat(said.get(2)).startsWith("jcuda in unnamed module");
  }

  @Test
  void worksAsAnAutomaticModuleWithJCudaOnTheClassPath() throws Exception {
    List<String> said =
        run(
            "--module-path",
            joined(modules()),
            "--add-modules",
            ROOTS,
            "-cp",
            joined(tests("jcuda-")));

    assertThat(said.get(0)).isEqualTo("restored");
    assertThat(said.get(1)).isEqualTo("adapter in module " + MODULE);
    assertThat(said.get(2)).startsWith("jcuda in unnamed module");
  }

  @Test
  void worksWithJCudaOnTheModulePathWhenItsNativesArePatchedIn() throws Exception {
    List<Path> modules = modules();
    List<Path> jcuda = classPath().stream().filter(path -> isOneOf(path, "jcuda-")).toList();
    Path natives =
        jcuda.stream().filter(path -> isOneOf(path, "jcuda-natives-")).findFirst().orElseThrow();
    jcuda.stream().filter(path -> !path.equals(natives)).forEach(modules::add);

    List<String> said =
        run(
            "--module-path",
            joined(modules),
            "--add-modules",
            ROOTS + ",jcuda",
            "--patch-module",
            "jcuda=" + natives,
            "-cp",
            joined(tests()));

    assertThat(said.get(0)).isEqualTo("restored");
    assertThat(said.get(1)).isEqualTo("adapter in module " + MODULE);
    assertThat(said.get(2)).isEqualTo("jcuda in module jcuda");
  }
}
