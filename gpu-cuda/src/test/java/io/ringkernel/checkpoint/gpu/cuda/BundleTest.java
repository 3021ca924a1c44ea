package io.ringkernel.checkpoint.gpu.cuda;

import static io.ringkernel.checkpoint.gpu.cuda.DriverJvm.classPath;
import static io.ringkernel.checkpoint.gpu.cuda.DriverJvm.locationOf;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tests that tools/gpu-bundle takes to a GPU, with no more than it takes there: they are found
 * in their jar, run with the modules of its JRE and the jars it packs, and hold on the stand-in.
 */
@ExtendWith(OnStandIn.class)
@Timeout(180)
class BundleTest {
  @TempDir private Path directory;

  /** Those that tools/gpu-bundle makes a JRE of. */
  private static String modules() throws Exception {
    Path list = Path.of(System.getProperty("rkcp.cuda.sources"), "test", "bundle", "modules");
    return String.join(",", Files.readAllLines(list));
  }

  /** The jars, without those that the build leaves out. */
  private List<Path> packed() throws Exception {
    Path tests = locationOf(GpuTests.class);
    String[] leftOut =
        Stream.of(System.getProperty("rkcp.cuda.bundle.without").split(",", -1))
            .map(name -> name + "-")
            .toArray(String[]::new);
    List<Path> packed = new ArrayList<>();
    packed.add(DriverJvm.jarOf(tests, directory.resolve("tests.jar"), "tests"));
    classPath().stream()
        .filter(path -> !path.equals(tests) && !DriverJvm.isOneOf(path, leftOut))
        .forEach(packed::add);
    return packed;
  }

  @Test
  void findsAndRunsItsTestsWithWhatItPacks() throws Exception {
    List<String> said =
        DriverJvm.run(
            GpuTests.class, "--limit-modules", modules(), "-cp", DriverJvm.joined(packed()));

    assertThat(said).anyMatch(line -> line.matches("tests 'gpu': (\\d+) of \\1 succeeded, 0 .*"));
    assertThat(said)
        .anyMatch(line -> line.matches("tests 'any-driver': (\\d+) of \\1 succeeded, 0 .*"));
  }
}
