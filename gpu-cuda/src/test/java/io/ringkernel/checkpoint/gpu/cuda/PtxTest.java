package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The PTX that is shipped is of the sources beside it, and every device from sm_70 on can run it.
 */
class PtxTest {
  private static final Path SOURCES = Path.of(System.getProperty("rkcp.cuda.sources", "src"));

  private static String ptx(String name) throws IOException {
    try (var resource = PtxTest.class.getResourceAsStream(name + ".ptx")) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @CsvSource({"capture, main", "persistent, test", "plain, test"})
  void isMadeOfTheSourcesAsTheyAre(String name, String folder) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (Stream<Path> headers = Files.list(SOURCES.resolve("main/cuda/rkcp"))) {
      for (Path header : headers.sorted().toList()) {
        digest.update(Files.readAllBytes(header));
      }
    }
    digest.update(Files.readAllBytes(SOURCES.resolve(folder + "/cuda/" + name + ".cu")));
    String sources = HexFormat.of().formatHex(digest.digest());
    assertThat(ptx(name).lines().findFirst().orElseThrow())
        .as("run src/main/cuda/generate-ptx and commit what it makes")
        .endsWith(": " + sources);
  }

  @ParameterizedTest
  @ValueSource(strings = {"capture", "persistent", "plain"})
  void asksForNoMoreThanItMust(String name) throws IOException {
    List<String> lines = ptx(name).lines().toList();
    assertThat(lines).contains(".version 6.0", ".target sm_70", ".address_size 64");
    // The compiler must not fuse what the host does not: the bits would differ.
    assertThat(lines).noneMatch(line -> line.contains("fma.rn.f32"));
  }

  @ParameterizedTest
  @CsvSource({
    "capture, sm_70", "capture, sm_80", "capture, sm_90",
    "persistent, sm_70", "persistent, sm_80", "persistent, sm_90",
    "plain, sm_70", "plain, sm_80", "plain, sm_90"
  })
  void isAssembledForEveryGeneration(String name, String architecture) throws IOException {
    byte[] source = ptx(name).getBytes(StandardCharsets.UTF_8);
    byte[] terminated = java.util.Arrays.copyOf(source, source.length + 1);
    nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
    assertThat(JNvPTXCompiler.nvPTXCompilerCreate(compiler, source.length, terminated)).isZero();
    String[] options = {"--gpu-name=" + architecture, "--verbose"};
    int code = JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options);
    assertThat(code).as("%s: %s", architecture, log(compiler)).isZero();
    long[] size = new long[1];
    JNvPTXCompiler.nvPTXCompilerGetCompiledProgramSize(compiler, size);
    byte[] program = new byte[(int) size[0]];
    JNvPTXCompiler.nvPTXCompilerGetCompiledProgram(compiler, program);
    assertThat(program).startsWith(0x7f, 'E', 'L', 'F');
    JNvPTXCompiler.nvPTXCompilerDestroy(compiler);
  }

  private static String log(nvPTXCompilerHandle compiler) {
    long[] size = new long[1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, size);
    byte[] text = new byte[(int) size[0] + 1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, text);
    return new String(text, StandardCharsets.UTF_8).trim();
  }

  @Test
  void bringsTheHeadersForKernelsOfTheUsersOwn() throws IOException {
    for (String header : List.of("platform", "xxh3", "capture", "handshake")) {
      try (var resource = PtxTest.class.getResourceAsStream("include/rkcp/" + header + ".cuh")) {
        assertThat(resource).as(header).isNotNull();
      }
    }
  }
}
