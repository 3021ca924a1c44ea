package io.ringkernel.checkpoint.gpu.cuda;

import static io.ringkernel.checkpoint.gpu.cuda.DriverJvm.classPath;
import static io.ringkernel.checkpoint.gpu.cuda.DriverJvm.isOneOf;
import static io.ringkernel.checkpoint.gpu.cuda.DriverJvm.jarOf;
import static io.ringkernel.checkpoint.gpu.cuda.DriverJvm.joined;
import static io.ringkernel.checkpoint.gpu.cuda.DriverJvm.locationOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    return jarOf(
        locationOf(CudaKernelAdapterProvider.class),
        directory.resolve("adapter.jar"),
        System.getProperty("rkcp.cuda.module"));
  }

  private static List<String> run(String... options) throws Exception {
    return DriverJvm.run(ModulePathProgram.class, options).stream()
        .filter(line -> line.startsWith("> "))
        .map(line -> line.substring(2))
        .toList();
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
