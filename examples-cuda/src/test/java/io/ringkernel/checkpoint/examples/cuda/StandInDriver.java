package io.ringkernel.checkpoint.examples.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has a class run on gpu-cuda's driver stand-in, built with the kernel of this module and loaded in
 * place of libcuda.so.1 before JCuda looks for it. Used with {@link ExtendWith}.
 */
final class StandInDriver implements BeforeAllCallback {
  private static final String SKIPPED =
      "SKIPPED, and so not shown on this machine: the CUDA example on the driver stand-in. There is"
          + " no gcc on the PATH to build it with";

  private static boolean loaded;

  @Override
  public void beforeAll(ExtensionContext test) throws Exception {
    boolean hasCompiler =
        Stream.of(System.getenv("PATH").split(":", -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "gcc")));
    if (!hasCompiler) {
      System.err.println(SKIPPED);
    }
    Assumptions.assumeTrue(hasCompiler, SKIPPED);
    load();
  }

  private static synchronized void load() throws InterruptedException {
    if (!loaded) {
      String folder = System.getProperty("rkcp.cuda.built");
      build(
          System.getProperty("rkcp.cuda.standin"), folder, System.getProperty("rkcp.cuda.kernels"));
      System.load(Path.of(folder, "libcuda.so.1").toAbsolutePath().toString());
      loaded = true;
    }
  }

  private static void build(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
        throw new IllegalStateException("the driver stand-in does not compile:\n" + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
