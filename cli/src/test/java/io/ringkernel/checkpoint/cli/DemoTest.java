package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo from outside: processes that are started, killed and restored. */
@Timeout(240)
class DemoTest {
  private static final List<String> SMALL =
      List.of("--size", "12", "--steps", "40", "--every", "5", "--full-every", "4", "--json");

  @TempDir private Path directory;

  /** A process of its own that ran rkcp, and what it said. */
  private record Ended(int code, String out, String err) {
    @SuppressWarnings("unchecked")
    Map<String, Object> json() {
      assertThat(code).as(err).isZero();
      return (Map<String, Object>) StrictJson.parse(out);
    }
  }

  private Ended rkcp(Map<String, String> environment, List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 24) {
      // As the jar's manifest does: codecs and driver are native code.
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Rkcp.class.getName()));
    command.add("demo");
    command.addAll(arguments);
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(200, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private static List<String> with(List<String> arguments, Object... more) {
    return Stream.concat(arguments.stream(), Stream.of(more).map(String::valueOf)).toList();
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> rows(Map<String, Object> json, String key) {
    return (List<Map<String, Object>>) json.get(key);
  }

  /** What every demo must have shown. */
  private static void assertProven(Map<String, Object> json) {
    assertThat(json).containsEntry("identical", true).containsEntry("killed", true);
    assertThat(json.get("sha256")).isEqualTo(json.get("uninterrupted_sha256"));
    assertThat(rows(json, "checkpoints"))
        .extracting(row -> String.valueOf(row.get("step")))
        .contains("5", "10", "15", "40");
    assertThat((List<?>) json.get("pictures"))
        .hasSameSizeAs(rows(json, "checkpoints"))
        .allSatisfy(picture -> assertThat(Path.of((String) picture)).isNotEmptyFile());
    assertThat(Path.of((String) json.get("changes_picture"))).isNotEmptyFile();
  }

  @Test
  void isKilledRestoredAndTheSame() throws Exception {
    Path place = directory.resolve("demo");

    Map<String, Object> json = rkcp(Map.of(), with(SMALL, "--dir", place)).json();

    assertProven(json);
    assertThat(json).containsEntry("kernel", "cpu");
    assertThat(json.get("store")).isEqualTo("file:" + place.resolve("store"));
  }

  @Test
  void storesWhatNeverChangesOnce() throws Exception {
    Map<String, Object> json =
        rkcp(Map.of(), with(SMALL, "--dir", directory.resolve("demo"), "--no-kill")).json();

    assertThat(rows(json, "regions"))
        .filteredOn(region -> region.get("name").equals("speed"))
        .singleElement()
        .satisfies(
            region -> {
              assertThat(region.get("bytes")).hasToString("6912");
              assertThat(region.get("changed_bytes_on_average")).hasToString("0");
            });
    assertThat(rows(json, "checkpoints").get(0).get("why_full"))
        .isEqualTo("the first of every 4, as --full-every asks.");
    assertThat(rows(json, "checkpoints"))
        .filteredOn(row -> row.get("kind").equals("full"))
        .allSatisfy(row -> assertThat((String) row.get("why_full")).isNotEmpty());
    assertThat(rows(json, "checkpoints"))
        .filteredOn(row -> row.get("kind").equals("delta"))
        .allSatisfy(row -> assertThat(row.get("why_full")).isNull());
  }

  @Test
  void putsPicturesWhereItIsTold() throws Exception {
    Path pictures = directory.resolve("pictures");
    Map<String, Object> json =
        rkcp(Map.of(), with(SMALL, "--dir", directory.resolve("a"), "--pictures", pictures)).json();

    assertProven(json);
    assertThat((List<?>) json.get("pictures"))
        .allSatisfy(picture -> assertThat(Path.of((String) picture)).hasParent(pictures));
    assertThat(directory.resolve("a")).isDirectoryNotContaining("glob:**.png");
  }

  @Test
  void refusesAStoreThatOtherProcessesDoNotSee() {
    Run run = Run.rkcp("demo", "--dir", "memory:");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("no store that several processes see");
  }

  @Test
  void refusesAKernelThatNobodyKnows() {
    Run run = Run.rkcp("demo", "--kernel", "abacus");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--kernel must be one of cpu, cuda, not abacus");
  }

  @Test
  void saysInOneLineThatThereIsNoCudaDriver() throws Exception {
    boolean present =
        Stream.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib")
            .anyMatch(folder -> Files.exists(Path.of(folder, "libcuda.so.1")));
    Assumptions.assumeFalse(present, "this machine has a CUDA driver");

    Ended ended = rkcp(Map.of(), List.of("--kernel", "cuda"));

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err().lines())
        .singleElement()
        .asString()
        .startsWith("rkcp: no CUDA driver on this machine: libcuda.so.1: ")
        .endsWith("; install one for CUDA 12 or newer");
  }

  /** On gpu-cuda's stand-in for the driver, found as a driver is: by the name of its library. */
  @Test
  void aKernelThatNeverEndsIsKilledRestoredAndTheSame() throws Exception {
    Path driver = standIn();
    Map<String, String> environment = Map.of("LD_LIBRARY_PATH", driver.toString());

    Map<String, Object> json =
        rkcp(environment, with(SMALL, "--kernel", "cuda", "--dir", directory.resolve("demo")))
            .json();

    assertProven(json);
    assertThat(json).containsEntry("kernel", "cuda");
    assertThat(rows(json, "regions"))
        .extracting(region -> region.get("name") + " " + region.get("changed_bytes_on_average"))
        .containsExactly("pressure_a 6912", "pressure_b 6912", "speed 0", "samples 0");
  }

  private static Path standIn() throws Exception {
    boolean hasCompiler =
        Stream.of(System.getenv("PATH").split(":", -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "gcc")));
    Assumptions.assumeTrue(
        hasCompiler, "SKIPPED: there is no gcc on the PATH to build the driver stand-in with");
    Path folder = Path.of(System.getProperty("rkcp.cuda.built"));
    Process build =
        new ProcessBuilder(
                System.getProperty("rkcp.cuda.standin"),
                folder.toString(),
                System.getProperty("rkcp.cuda.kernels"))
            .redirectErrorStream(true)
            .start();
    String said = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(build.waitFor()).as(said).isZero();
    return folder;
  }

  /** Against whatever {@code STORAGE_EMULATOR_HOST} names. */
  @Test
  void isKilledAndRestoredFromABucket() throws Exception {
    String host = System.getenv("STORAGE_EMULATOR_HOST");
    Assumptions.assumeTrue(
        host != null && !host.isEmpty(),
        "SKIPPED: STORAGE_EMULATOR_HOST names no server of Cloud Storage's kind");
    String bucket = "demo-" + UUID.randomUUID();
    makeBucket(host, bucket);
    Path pictures = directory.resolve("pictures");

    List<String> place = List.of("--dir", "gs://" + bucket + "/runs", "--pictures", "" + pictures);
    Map<String, Object> json = rkcp(Map.of(), with(SMALL, place.toArray())).json();

    assertProven(json);
    assertThat(json).containsEntry("store", "gs://" + bucket + "/runs");
    assertThat(json).containsEntry("kernel_id", "wave-1");
    assertThat(rkcp(Map.of(), with(SMALL, place.toArray())).json())
        .as("what is there stays")
        .containsEntry("kernel_id", "wave-2");
  }

  private static void makeBucket(String host, String bucket)
      throws IOException, InterruptedException {
    String base = host.startsWith("http") ? host : "http://" + host;
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + "/storage/v1/b?project=test"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"" + bucket + "\"}"))
            .build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }
}
