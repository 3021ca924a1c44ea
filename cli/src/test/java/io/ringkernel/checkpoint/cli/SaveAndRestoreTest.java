package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.DataChunk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SaveAndRestoreTest {
  @TempDir Path directory;
  private String store;
  private Path out;

  @BeforeEach
  void placeStore() {
    store = Run.store(directory.resolve("store"));
    out = directory.resolve("out");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "lz4", "zstd:3"})
  void givesBackEveryByte(String compression) throws IOException {
    Path big = state("big", 3_000_001);
    Path empty = state("empty", 0);
    Path control = state("control", 256);

    Run saved =
        save("sim/step-1", "--region", "big=" + big, "--region", "empty=" + empty)
            .and("--control", control, "--compression", compression)
            .run();
    Run.rkcp("restore", "-s", store, "sim/step-1", "--to", out).done();

    assertThat(saved.out()).startsWith("saved sim/step-1: 2.86 MiB of state, ").hasLineCount(1);
    assertThat(out.resolve("big.bin")).hasSameBinaryContentAs(big);
    assertThat(out.resolve("empty.bin")).hasSameBinaryContentAs(empty);
    assertThat(out.resolve("control-block-0.bin")).hasSameBinaryContentAs(control);
    assertThat(names(out)).containsExactlyInAnyOrder("big.bin", "empty.bin", "control-block-0.bin");
  }

  @Test
  void keepsOrderAndMetadata() throws IOException {
    Path x = state("x", 10);

    save("a", "--chunk", "custom:7=" + x, "--region", "r=" + x, "--control", x)
        .and("--chunk", "42:0x1092=" + x, "--step", "18446744073709551615")
        .and("--kernel-id", "k", "--kernel-type", "t", "--custom", "b=2=2", "--custom", "a=")
        .run();

    Map<String, Object> info =
        StrictJson.object(Run.rkcp("info", "-s", store, "a", "--json").done().json());
    assertThat(info)
        .containsEntry("kernel_id", "k")
        .containsEntry("kernel_type", "t")
        .containsEntry("step", "18446744073709551615")
        .containsEntry("custom", Map.of("a", "", "b", "2=2"));
    assertThat(StrictJson.array(info.get("chunks")))
        .extracting(chunk -> StrictJson.object(chunk).get("type"))
        .containsExactly("custom", "device-memory", "control-block", "42");
    assertThat(StrictJson.array(info.get("chunks")))
        .extracting(chunk -> StrictJson.object(chunk).get("id"))
        .containsExactly(
            "0000000000000007",
            String.format("%016x", DataChunk.regionId("r")),
            "0000000000000000",
            "0000000000001092");
  }

  @Test
  void takesSeveralRegionsBehindOneOption() throws IOException {
    Path x = state("x", 10);

    save("first", "--region", "a=" + x, "b=" + x).run();
    Run.rkcp("save", "-s", store, "--region", "a=" + x, "last").done();
    Run.rkcp("restore", "-s", store, "first", "--to", out, "--region", "a", "b").done();
    Run.rkcp("restore", "-s", store, "--region", "a", "last", "--to", out.resolve("2")).done();

    assertThat(out.resolve("a.bin")).exists();
    assertThat(out.resolve("b.bin")).exists();
    assertThat(names(out.resolve("2"))).containsExactly("a.bin");
  }

  @Test
  void readsStandardInput() throws IOException {
    byte[] bytes = random(200_000);

    Run.with(Map.of("RKCP_STORE", store), bytes, "save", "piped", "--region", "grid=-").done();
    Run.with(Map.of("RKCP_STORE", store), new byte[0], "restore", "piped", "--to", out).done();

    assertThat(out.resolve("grid.bin")).hasBinaryContent(bytes);
  }

  @Test
  void replacesWhatWasThereUnderTheName() throws IOException {
    save("same", "--region", "old=" + state("old", 10)).run();
    Path fresh = state("new", 20);
    save("same", "--region", "new=" + fresh).run();

    Run.rkcp("restore", "-s", store, "same", "--to", out).done();

    assertThat(names(out)).containsExactly("new.bin");
    assertThat(out.resolve("new.bin")).hasSameBinaryContentAs(fresh);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void keepsAnyRegionNameInBothFormats(int format) throws IOException {
    List<String> names = new ArrayList<>(List.of("", "../x", "/etc/passwd", "..", ".", "-rf"));
    names.addAll(List.of("a\nb", "\u001b[31mred", "поле давления", "気圧🚀", "e\u0301", "C:\\x"));
    names.addAll(List.of("x".repeat(300), "y".repeat(20_000), "50% @1 ~ |"));
    Random random = new Random(4);
    for (int i = 0; i < 60; i++) {
      names.add(randomName(random));
    }
    Map<String, Path> regions = new LinkedHashMap<>();
    Invocation save = save("names", "--format", format);
    for (String name : names) {
      if (regions.putIfAbsent(name, state("region-" + regions.size(), 7 + regions.size()))
          == null) {
        save.and("--region", name + "=" + regions.get(name));
      }
    }

    save.run();
    Run restored = Run.rkcp("restore", "-s", store, "names", "--to", out, "--json").done();

    List<Object> files = StrictJson.array(StrictJson.object(restored.json()).get("files"));
    assertThat(files).hasSameSizeAs(regions.keySet());
    for (Object file : files) {
      Map<String, Object> told = StrictJson.object(file);
      Path written = out.resolve((String) told.get("file"));
      assertThat(written.getParent().toRealPath()).isEqualTo(out.toRealPath());
      assertThat(written).hasSameBinaryContentAs(regions.get((String) told.get("name")));
    }
    assertThat(names(out)).hasSameSizeAs(regions.keySet());
  }

  @Test
  void refusesNamesThatDifferByCaseAloneAndWritesNothing() throws IOException {
    Path x = state("x", 10);
    save("case", "--region", "Field=" + x, "--region", "other=" + x, "--region", "fIELD=" + x)
        .run();

    Run run = Run.rkcp("restore", "-s", store, "case", "--to", out);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("'Field.bin'", "'fIELD.bin'", "--region").hasLineCount(1);
    assertThat(out).doesNotExist();
    Run.rkcp("restore", "-s", store, "case", "--to", out, "--region", "fIELD").done();
    assertThat(names(out)).containsExactly("fIELD.bin");
  }

  @Test
  void refusesANameThatLooksLikeANamelessChunk() throws IOException {
    Path x = state("x", 10);
    save("twice", "--region", "custom-7=" + x, "--chunk", "custom:7=" + x).run();

    Run run = Run.rkcp("restore", "-s", store, "twice", "--to", out);

    assertThat(run.code()).isEqualTo(1);
    assertThat(out).doesNotExist();
  }

  @Test
  void followsNoLinkThatLiesWhereAFileIsToBe() throws IOException {
    Path x = state("x", 10);
    save("links", "--region", "a=" + x).run();
    Path victim = Files.writeString(directory.resolve("victim"), "precious");
    Files.createDirectories(out);
    Files.createSymbolicLink(out.resolve("a.bin"), victim);

    Run.rkcp("restore", "-s", store, "links", "--to", out).done();

    assertThat(victim).hasContent("precious");
    assertThat(Files.isSymbolicLink(out.resolve("a.bin"))).isFalse();
    assertThat(out.resolve("a.bin")).hasSameBinaryContentAs(x);
  }

  @Test
  void leavesNothingWhenTheLastRegionIsDamaged() throws IOException {
    save("damaged", "--region", "a=" + state("a", 500_000), "--region", "b=" + state("b", 500_000))
        .run();
    flipAByteOfTheLastChunk();

    Run run = Run.rkcp("restore", "-s", store, "damaged", "--to", out.resolve("deep"));

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).matches("rkcp: 'damaged': corrupt at offset [0-9]+: [^\n]+\n");
    assertThat(out).doesNotExist();
  }

  @Test
  void namesTheRegionsThereAreWhenOneIsMissing() throws IOException {
    save("few", "--region", "a=" + state("a", 5), "--region", "b=" + state("b", 5)).run();

    Run run = Run.rkcp("restore", "-s", store, "few", "--to", out, "--region", "c");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("rkcp: there is no region 'c'; there is 'a', 'b'\n");
    assertThat(out).doesNotExist();
  }

  @Test
  void refusesTwoRegionsOfOneName() throws IOException {
    Path x = state("x", 10);

    Run run = Run.rkcp("save", "-s", store, "dup", "--region", "a=" + x, "--region", "a=" + x);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("two regions").hasLineCount(1);
    assertThat(Run.rkcp("ls", "-s", store).err()).startsWith("rkcp: there is no store at ");
  }

  @Test
  void savesNothingWhenAFileIsMissing() throws IOException {
    Run run =
        Run.rkcp(
            "save", "-s", store, "x", "--region", "a=" + state("a", 5), "--region", "b=/missing");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("rkcp: '/missing': no such file or directory\n");
    assertThat(Run.rkcp("ls", "-s", store).err()).startsWith("rkcp: there is no store at ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a//b", "/a", "a/", ".", "", ".rkcp/x"})
  void refusesNamesThatNoStoreTakes(String name) throws IOException {
    Run run = Run.rkcp("save", "-s", store, name, "--region", "a=" + state("a", 5));

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("rkcp: invalid name '" + name + "'").hasLineCount(1);
  }

  @Test
  void tellsWhatItSavedAndRestoredAsJson() throws IOException {
    Path a = state("a", 100);

    Map<String, Object> saved =
        StrictJson.object(save("x", "--region", "a=" + a, "--json").run().json());
    Map<String, Object> restored =
        StrictJson.object(
            Run.rkcp("restore", "-s", store, "x", "--to", out, "--json").done().json());

    assertThat(saved)
        .containsKeys("object_id", "stored_bytes", "duration_micros", "notes", "sequence")
        .containsEntry("name", "x")
        .containsEntry("kind", "full")
        .containsEntry("step", "0");
    assertThat(restored).containsEntry("name", "x").containsEntry("directory", out.toString());
    assertThat(StrictJson.array(restored.get("files")))
        .singleElement()
        .satisfies(
            file ->
                assertThat(StrictJson.object(file))
                    .containsEntry("file", "a.bin")
                    .containsEntry("name", "a"));
  }

  private void flipAByteOfTheLastChunk() throws IOException {
    Map<String, Object> info =
        StrictJson.object(Run.rkcp("info", "-s", store, "damaged", "--json").done().json());
    String object = (String) info.get("object_id");
    Path file;
    try (var files = Files.walk(directory.resolve("store"))) {
      file = files.filter(path -> path.toString().endsWith(object + ".rkcp")).findFirst().get();
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[900_000] ^= 1;
    Files.write(file, bytes);
  }

  private Invocation save(String name, Object... more) {
    return new Invocation("save", "-s", store, name).and(more);
  }

  /** A command line that grows. */
  private static final class Invocation {
    private final List<Object> args;

    Invocation(Object... args) {
      this.args = new ArrayList<>(List.of(args));
    }

    Invocation and(Object... more) {
      args.addAll(List.of(more));
      return this;
    }

    Run run() {
      return Run.rkcp(args.toArray()).done();
    }
  }

  private Path state(String name, int size) throws IOException {
    return Files.write(directory.resolve(name), random(size));
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static String randomName(Random random) {
    StringBuilder name = new StringBuilder();
    int length = 1 + random.nextInt(8);
    for (int i = 0; i < length; i++) {
      int c = random.nextInt(random.nextBoolean() ? 0x80 : 0x11_0000);
      name.appendCodePoint(Character.getType(c) == Character.SURROGATE || c == '=' ? '/' : c);
    }
    // Case must not make two of them one file.
    String text = name.toString();
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return text + "-" + java.util.Arrays.hashCode(utf8);
  }

  private static List<String> names(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
