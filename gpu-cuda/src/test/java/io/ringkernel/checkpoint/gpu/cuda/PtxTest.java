package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The PTX that is shipped is of the sources beside it, and every device from sm_70 on can run it.
 */
class PtxTest {
  private static final Path SOURCES = Path.of(System.getProperty("rkcp.cuda.sources", "src"));

  /** Where generate-ptx found a source, and where it left the PTX. */
  private enum Code {
    CAPTURE("main"),
    PERSISTENT("test"),
    PLAIN("test"),
    /** The example to copy from: of the module examples-cuda. */
    WAVE3D("../../examples-cuda/src/main");

    private final String folder;

    Code(String folder) {
      this.folder = folder;
    }

    private String file() {
      return name().toLowerCase(Locale.ROOT);
    }

    Path source() {
      return SOURCES.resolve(folder + "/cuda/" + file() + ".cu");
    }

    String ptx() throws IOException {
      String within = this == WAVE3D ? "examples/cuda" : "gpu/cuda";
      return Files.readString(
          SOURCES.resolve(
              folder + "/resources/io/ringkernel/checkpoint/" + within + "/" + file() + ".ptx"));
    }
  }

  @ParameterizedTest
  @EnumSource(Code.class)
  void isMadeOfTheSourcesAsTheyAre(Code code) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (Stream<Path> headers = Files.list(SOURCES.resolve("main/cuda/rkcp"))) {
      for (Path header : headers.sorted().toList()) {
        digest.update(Files.readAllBytes(header));
      }
    }
    digest.update(Files.readAllBytes(code.source()));
    String sources = HexFormat.of().formatHex(digest.digest());
    assertThat(code.ptx().lines().findFirst().orElseThrow())
        .as("run src/main/cuda/generate-ptx and commit what it makes")
        .endsWith(": " + sources);
  }

  /** Else a copy takes nearly twice the time: a GPU has shown it. */
  @ParameterizedTest
  @EnumSource(
      value = Code.class,
      names = {"CAPTURE", "PERSISTENT", "WAVE3D"})
  void copiesPairsOfWordsAndKeepsThemInRegisters(Code code) throws IOException {
    List<String> lines = code.ptx().lines().toList();
    assertThat(lines)
        .filteredOn(line -> line.contains("ld.global.cs.v2.u64"))
        .hasSizeGreaterThan(7);
    assertThat(lines)
        .filteredOn(line -> line.contains("st.global.cs.v2.u64"))
        .hasSizeGreaterThan(7);
    assertThat(lines).noneMatch(line -> line.contains(".local"));
  }

  @ParameterizedTest
  @EnumSource(Code.class)
  void asksForNoMoreThanItMust(Code code) throws IOException {
    List<String> lines = code.ptx().lines().toList();
    assertThat(lines).contains(".version 6.0", ".target sm_70", ".address_size 64");
    // The compiler must not fuse what the host does not: the bits would differ.
    assertThat(lines).noneMatch(line -> line.contains("fma.rn.f32"));
  }

  private static Stream<Arguments> everyGeneration() {
    return Stream.of(Code.values())
        .flatMap(
            code ->
                Stream.of("sm_70", "sm_80", "sm_90")
                    .map(architecture -> Arguments.of(code, architecture)));
  }

  @ParameterizedTest
  @MethodSource("everyGeneration")
  void isAssembledForEveryGeneration(Code code, String architecture) throws IOException {
    byte[] source = code.ptx().getBytes(StandardCharsets.UTF_8);
    byte[] terminated = java.util.Arrays.copyOf(source, source.length + 1);
    nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
    assertThat(JNvPTXCompiler.nvPTXCompilerCreate(compiler, source.length, terminated)).isZero();
    String[] options = {"--gpu-name=" + architecture, "--verbose"};
    int answer = JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options);
    assertThat(answer).as("%s: %s", architecture, log(compiler)).isZero();
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
