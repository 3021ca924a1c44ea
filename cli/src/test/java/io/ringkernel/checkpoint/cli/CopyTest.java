package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.CopyProgress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Copies between stores: one, many, deltas with what they refer to, and again after a kill. */
class CopyTest {
  private static final int BLOCK = 64 << 10;

  @TempDir Path directory;
  private final byte[] state = new byte[16 * BLOCK];
  private String store;
  private Path there;
  private String other;

  @BeforeEach
  void placeStores() {
    store = Run.store(directory.resolve("store"));
    there = directory.resolve("other");
    other = Run.store(there);
    new Random(42).nextBytes(state);
  }

  private void save(String name, String kernel, Object... more) throws IOException {
    Path file = Files.write(directory.resolve("state"), state);
    Stream<Object> args =
        Stream.of("save", "-s", store, name, "--region", "grid=" + file, "--kernel-id", kernel);
    Run.rkcp(Stream.concat(args, Stream.of(more)).toArray()).done();
    state[BLOCK * (state[0] & 7) + 9]++;
    state[0]++;
  }

  /** A full one, and two deltas upon it. */
  private void saveChain(String prefix, String kernel) throws IOException {
    save(prefix + "1", kernel, "--step", 1, "--tag", "first");
    save(prefix + "2", kernel, "--step", 2, "--base", "latest");
    save(prefix + "3", kernel, "--step", 3, "--base", "latest");
  }

  private static Map<String, Object> object(Run run) {
    return StrictJson.object(run.done().json());
  }

  private static List<Map<String, Object>> objects(Run run) {
    return StrictJson.array(run.json()).stream().map(StrictJson::object).toList();
  }

  private static byte[] grid(String store, String name) {
    return Run.rkcp("cat", "-s", store, name, "--chunk", "grid").done().bytes();
  }

  private static List<Object> names(String store) {
    return objects(Run.rkcp("ls", "-s", store, "--json").done()).stream()
        .map(listed -> listed.get("name"))
        .toList();
  }

  private long objectsThere() throws IOException {
    Path objects = there.resolve("%2Erkcp/objects");
    if (!Files.isDirectory(objects)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(objects)) {
      return files.filter(file -> file.toString().endsWith(".rkcp")).count();
    }
  }

  private static long sum(List<Map<String, Object>> copied, String key) {
    return copied.stream().mapToLong(one -> ((BigDecimal) one.get(key)).longValueExact()).sum();
  }

  @Test
  void takesAlongWhatADeltaRefersTo() throws IOException {
    saveChain("", "k");

    Map<String, Object> copied = object(Run.rkcp("cp", store + "#3", other + "#", "--json"));

    assertThat(copied)
        .containsEntry("kind", "delta")
        .containsEntry("other_objects", new BigDecimal(2))
        .containsEntry("flattened", false);
    assertThat(objectsThere()).isEqualTo(3);
    assertThat(names(other)).containsExactly("3");
    assertThat(grid(other, "3")).isEqualTo(grid(store, "3"));
    Run.rkcp("gc", "-s", other, "--grace", 0).done();
    Run.rkcp("verify", "-s", other, "3", "--full").done();
  }

  @Test
  void flattensWhenAsked() throws IOException {
    saveChain("", "k");

    String told = Run.rkcp("cp", "--flatten", store + "#3", other + "#flat").done().out();

    assertThat(told).contains("#3 to ", "#flat: ", " sent, full, flattened");
    assertThat(objectsThere()).isEqualTo(1);
    assertThat(grid(other, "flat")).isEqualTo(grid(store, "3"));
    assertThat(object(Run.rkcp("info", "-s", store, "3", "--json"))).containsEntry("kind", "delta");
  }

  @Test
  void sendsNothingThatIsThere() throws IOException {
    saveChain("", "k");
    Run.rkcp("cp", store + "#3", other + "#").done();

    Map<String, Object> second = object(Run.rkcp("cp", store + "#2", other + "#", "--json"));

    assertThat(second).containsEntry("sent_bytes", BigDecimal.ZERO).containsEntry("changed", true);
    assertThat(Run.rkcp("cp", store + "#2", other + "#").done().out())
        .endsWith("#2 is there already\n");
    assertThat(Run.rkcp("cp", "-s", store, "3", "same").done().out()).contains(": 0 B sent (");
    assertThat(grid(store, "same")).isEqualTo(grid(store, "3"));
  }

  @Test
  void copiesAllOfAStoreOrOfAPrefix() throws IOException {
    saveChain("a/", "k");
    saveChain("b/", "l");

    Run.rkcp("cp", "--all", store + "#c/", other)
        .hasNothingBut("no name in " + store + " begins with 'c/'");
    Run some = Run.rkcp("cp", "--all", store + "#b/", other).done();
    assertThat(names(other)).containsExactly("b/1", "b/2", "b/3");
    assertThat(some.lines()).hasSize(3).allMatch(line -> line.startsWith("copied b/"));
    List<Map<String, Object>> all = objects(Run.rkcp("cp", "--all", store, other, "--json").done());

    assertThat(all).hasSize(6).allMatch(one -> one.get("error") == null);
    assertThat(all).filteredOn(one -> one.get("changed").equals(true)).hasSize(3);
    assertThat(names(other)).hasSize(6);
    assertThat(objectsThere()).isEqualTo(6);
    for (Object name : names(store)) {
      assertThat(grid(other, (String) name)).isEqualTo(grid(store, (String) name));
    }
    assertThat(object(Run.rkcp("info", "-s", other, "a/1", "--json")).get("tags"))
        .isEqualTo(List.of("first"));
    // The archive's newest is the newest.
    Run.rkcp(
            "save",
            "-s",
            other,
            "next",
            "--region",
            "grid=" + directory.resolve("state"),
            "--kernel-id",
            "k",
            "--base",
            "latest")
        .done();
    assertThat(object(Run.rkcp("info", "-s", other, "next", "--json")).get("kind"))
        .isEqualTo("delta");
  }

  @Test
  void goesOnBehindOneThatIsDamaged() throws IOException {
    save("1", "k");
    save("2", "k");
    save("3", "k");
    String id = (String) object(Run.rkcp("info", "-s", store, "2", "--json")).get("object_id");
    Path object =
        directory.resolve("store/%2Erkcp/objects/" + id.substring(0, 2) + "/" + id + ".rkcp");
    byte[] bytes = Files.readAllBytes(object);
    bytes[bytes.length / 2] ^= 1;
    Files.write(object, bytes);

    Run run = Run.rkcp("cp", "--all", store, other);
    Run json = Run.rkcp("cp", "--all", store, other, "--json");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).hasLineCount(1).startsWith("rkcp: '2': corrupt");
    assertThat(run.lines()).hasSize(2);
    assertThat(names(other)).containsExactly("1", "3");
    assertThat(json.code()).isEqualTo(1);
    assertThat(objects(json))
        .extracting(one -> one.get("error") == null)
        .containsExactly(true, false, true);
  }

  @Test
  void saysThatThereIsNoSuchCheckpoint() throws IOException {
    save("1", "k");
    Run run = Run.rkcp("cp", store + "#nothing", other + "#");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).hasLineCount(1).contains("'nothing'");
  }

  @Test
  void saysThatThereIsNoStoreToCopyFrom() {
    String nowhere = Run.store(directory.resolve("nowhere"));

    for (Run run :
        List.of(
            Run.rkcp("cp", "--all", nowhere, other), Run.rkcp("cp", nowhere + "#a", other + "#"))) {
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).hasLineCount(1).startsWith("rkcp: there is no store at " + nowhere);
    }
    assertThat(there).doesNotExist();
  }

  @Test
  void asksForAllOrANameWhereAWholeStoreIsNamed() {
    Run forgotten = Run.rkcp("cp", store, other);
    Run nameless = Run.rkcp("cp", store + "#1", other);

    assertThat(forgotten.code()).isEqualTo(2);
    assertThat(forgotten.err()).contains(store + "#NAME, or copy all of it by --all");
    assertThat(nameless.code()).isEqualTo(2);
    assertThat(nameless.err()).contains(other + "# to keep the name");
  }

  @Test
  void saysWhatOfADeltaIsMissing() throws IOException {
    Run.rkcp("cp", GoldenFiles.named("delta-v1/d1_delta"), store + "#delta").done();

    Run run = Run.rkcp("cp", "--flatten", store + "#delta", other + "#");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("rkcp: 'delta' is a delta of version 1; ")
        .endsWith("name the base by --base of rkcp export, and copy that file\n");
  }

  @Test
  void callsTheCopyOfAFileAsTheFile() throws IOException {
    Path file = directory.resolve("k200.rkcp");
    Path odd = directory.resolve("other name");
    save("200", "k");
    Run.rkcp("export", "-s", store, "200", file).done();
    Files.copy(file, odd);

    Run.rkcp("cp", file, other + "#").done();
    Run.rkcp("cp", odd, other + "#").done();

    assertThat(names(other)).containsExactly("k200", "other name");
    assertThat(grid(other, "k200")).isEqualTo(grid(store, "200"));
  }

  @Test
  @Timeout(60)
  void showsABarOnATerminal() throws InterruptedException {
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    Session session =
        new Session(
            java.io.InputStream.nullInputStream(),
            new Output(new ByteArrayOutputStream(), false, false),
            new Output(screen, true, true),
            Map.of(),
            new Interruption());
    try (CopyProgressView view = new CopyProgressView(session, false)) {
      view.at(new CopyProgress("a\u001bb", 3 << 20, 6 << 20));
      while (!screen.toString(StandardCharsets.UTF_8).contains("3.00 MiB of 6.00 MiB, ")) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
    }
    String drawn = screen.toString(StandardCharsets.UTF_8);
    assertThat(drawn).contains("[" + "#".repeat(20) + ".".repeat(20) + "] ").endsWith("\r\u001b[K");
    assertThat(drawn.replace("\r\u001b[K", "")).doesNotContain("\u001b");
    assertThat(CopyProgressView.text(new CopyProgress("x", 10 << 20, 0), 2_000_000_000L))
        .isEqualTo("x: 10.0 MiB, 5.00 MiB/s");
  }

  @Test
  @Timeout(120)
  void isTakenUpAfterAKill() throws Exception {
    for (int i = 0; i < 24; i++) {
      new Random(i).nextBytes(state);
      save("s" + i, "k", "--step", i);
    }
    long whole = 0;
    for (Map<String, Object> listed : objects(Run.rkcp("ls", "-s", store, "--json").done())) {
      whole += ((BigDecimal) listed.get("file_bytes")).longValueExact();
    }

    // Killed twice, each time a bit later.
    for (int objects : List.of(2, 8)) {
      Process process = start("cp", "--all", store, other);
      while (objectsThere() < objects && process.isAlive()) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
      process.toHandle().destroyForcibly();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      for (Object name : names(other)) {
        Run.rkcp("verify", "-s", other, name, "--full").done();
      }
    }
    long before = objectsThere();
    List<Map<String, Object>> rest =
        objects(Run.rkcp("cp", "--all", store, other, "--json").done());

    assertThat(before).isGreaterThanOrEqualTo(8);
    assertThat(rest).hasSize(24);
    // What lay there already was not sent again: all objects have the same size.
    assertThat(sum(rest, "sent_bytes")).isEqualTo(whole / 24 * (24 - before));
    assertThat(sum(rest, "sent_bytes") + sum(rest, "present_bytes")).isEqualTo(whole);
    assertThat(objectsThere()).isEqualTo(24);
    Run.rkcp("verify", "-s", other, "--all", "--full").done();
    Run.rkcp("gc", "-s", other, "--grace", 0).done();
    assertThat(objectsThere()).isEqualTo(24);
  }

  private static Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(Rkcp.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
