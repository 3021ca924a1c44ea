package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCommandsTest {
  @TempDir Path directory;
  private Path stored;
  private String store;
  private Path x;

  @BeforeEach
  void placeStore() throws IOException {
    stored = directory.resolve("store");
    store = Run.store(stored);
    x = Files.writeString(directory.resolve("x"), "some state of ten or more bytes");
  }

  @Test
  void listsWhatBeginsWithAPrefix() {
    save("sim/step-1", "--step", 1);
    save("sim/step-2", "--step", 12345, "--compression", "zstd");
    save("other");

    List<String> all = Run.rkcp("ls", "-s", store).done().lines();
    List<String> some = Run.rkcp("ls", "-s", store, "sim/").done().lines();

    assertThat(all).hasSize(4);
    assertThat(all.get(0)).matches("NAME +STEP +KIND +STATE +STORED +RATIO +CODEC +TAGS +CREATED");
    assertThat(all.get(1)).contains("  not compressed  ");
    assertThat(all.get(1)).startsWith("other ");
    assertThat(some).hasSize(3);
    assertThat(some.get(2)).matches("sim/step-2 +12,345 +full +31 B .* zstd .* UTC");
  }

  @Test
  void showsWholeWhatCanBePastedIntoAnotherCommand() {
    String region = "simulation/fields/electric/x-component/boundary";
    String kernel = "k".repeat(100);
    String tag = "t".repeat(100);
    Run.rkcp(
            "save",
            "-s",
            store,
            "a",
            "--region",
            region + "=" + x,
            "--kernel-id",
            kernel,
            "--tag",
            tag,
            "--chunk",
            "custom:0xfedcba9876543210=" + x)
        .done();

    String told = Run.rkcp("info", "-s", store, "a").done().out();
    String listed = Run.rkcp("ls", "-s", store).done().out();

    assertThat(told).contains(region + " ", '"' + kernel + '"', tag, " 0xfedcba9876543210 ");
    assertThat(listed).contains(" " + tag + " ");
    assertThat(cat(store, "a", region)).hasSize(31);
    assertThat(cat(store, "a", "custom:0xfedcba9876543210")).hasSize(31);
    Run.rkcp("prune", "-s", store, "--keep-tag", tag, kernel).done();
  }

  @Test
  void listsBareFilesOfBothVersions() throws IOException {
    Files.createDirectories(stored);
    Files.copy(GoldenFiles.named("03_each_type"), stored.resolve("bare.rkcp"));

    Map<String, Object> listed = only(Run.rkcp("ls", "-s", store, "--json").done().json());

    assertThat(listed)
        .containsEntry("name", "bare")
        .containsEntry("managed", false)
        .containsEntry("format", new BigDecimal(1))
        .containsEntry("kernel_id", "sim_kernel_0")
        .containsEntry("step", "1000")
        .containsEntry("error", null);
    assertThat(Run.rkcp("ls", "-s", store).done().lines().get(1)).startsWith("bare  1,000  file ");
  }

  @Test
  void listsWhatCanNotBeRead() throws IOException {
    save("good");
    Files.writeString(stored.resolve("bad.rkcp"), "not a checkpoint");

    for (String format : List.of("text", "json")) {
      Object[] args = {"ls", "-s", store};
      Run run = Run.rkcp(format.equals("json") ? plus(List.of(args), "--json") : args);

      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err()).startsWith("rkcp: 'bad': corrupt at offset ").hasLineCount(1);
      if (format.equals("json")) {
        assertThat(StrictJson.array(run.json()))
            .extracting(element -> StrictJson.object(element).get("error") == null)
            .containsExactly(false, true);
      } else {
        assertThat(run.lines()).hasSize(3);
        assertThat(run.lines().get(1)).matches("bad +- +unreadable +- .*");
        assertThat(run.lines().get(2)).matches("good +0 +full .*");
      }
    }
  }

  @Test
  void goesOnBehindWhatThisUserMayNotRead() throws IOException {
    save("a");
    save("z");
    Path locked = Files.copy(stored.resolve("a.rkcp"), stored.resolve("m.rkcp"));
    Files.setPosixFilePermissions(locked, Set.of());
    assumeFalse(Files.isReadable(locked), "root may read everything");

    Run listed = Run.rkcp("ls", "-s", store);
    Run verified = Run.rkcp("verify", "-s", store, "--all");

    assertThat(listed.code()).isEqualTo(1);
    assertThat(listed.lines()).hasSize(4);
    assertThat(listed.err()).startsWith("rkcp: 'm': ").contains("permission denied");
    assertThat(verified.code()).isEqualTo(1);
    assertThat(verified.lines()).hasSize(3).last().isEqualTo("ok       z");
  }

  @Test
  void listsNothingOfAnEmptyStore() throws IOException {
    Files.createDirectories(stored);

    Run.rkcp("ls", "-s", store).hasNothingBut("there is no checkpoint in " + store);
    Run.rkcp("ls", "-s", store, "x").hasNothingBut("no name in " + store + " begins with 'x'");
    assertThat(Run.rkcp("ls", "-s", store, "--json").done().json()).isEqualTo(List.of());
    Run.rkcp("journal", "-s", store).hasNothingBut("nothing was removed by prune or gc");
    assertThat(Run.rkcp("journal", "-s", store, "--json").done().json()).isEqualTo(List.of());
  }

  @Test
  void verifiesAStoreOfWhichAllWasRemoved() {
    save("a");
    Run.rkcp("rm", "-s", store, "a").done();

    Run.rkcp("verify", "-s", store, "--all").hasNothingBut("there is no checkpoint in " + store);
    assertThat(Run.rkcp("verify", "-s", store, "--all", "--json").done().json())
        .isEqualTo(List.of());
  }

  @Test
  void neitherTidiesNorVerifiesADirectoryThatIsNoStore() throws IOException {
    Files.createDirectories(stored);
    Path notes = Files.writeString(stored.resolve("notes.txt"), "not a checkpoint");

    List<List<String>> commands =
        List.of(
            List.of("gc"),
            List.of("gc", "--dry-run"),
            List.of("prune", "--keep-last", "1"),
            List.of("verify", "--all"),
            List.of("verify", "--all", "--json"));
    for (List<String> command : commands) {
      Run run = Run.rkcp(plus(plus(List.copyOf(command), "-s"), store));

      assertThat(run.code()).isEqualTo(1);
      assertThat(run.out()).isEmpty();
      assertThat(run.err())
          .isEqualTo("rkcp: there is no store at " + store + ": nothing was ever saved there\n");
    }
    try (Stream<Path> left = Files.list(stored)) {
      assertThat(left).containsExactly(notes);
    }
  }

  @Test
  void makesNoStoreByLookingForOne() throws IOException {
    Files.createDirectories(stored);
    List<List<String>> commands =
        List.of(
            List.of("ls"),
            List.of("verify", "--all"),
            List.of("verify", "a"),
            List.of("prune", "--keep-last", "1"),
            List.of("journal"),
            List.of("info", "a"),
            List.of("cat", "a", "--chunk", "x"),
            List.of("export", "a", directory.resolve("b").toString()),
            List.of("restore", "a", "--to", directory.resolve("b").toString()),
            List.of("diff", "a", "b"),
            List.of("tag", "a", "b"),
            List.of("flatten", "a"),
            List.of("rm", "a"),
            List.of("cp", "a", "b"));
    for (List<String> command : commands) {
      Run.rkcp(plus(plus(List.copyOf(command), "-s"), store));
      assertThat(stored).as(command.get(0)).isEmptyDirectory();
    }
  }

  @Test
  void tellsThatThereIsNoStore() {
    List<List<String>> commands =
        List.of(
            List.of("ls"),
            List.of("verify", "--all"),
            List.of("verify", "a"),
            List.of("prune", "--keep-last", "1"),
            List.of("gc"),
            List.of("journal"),
            List.of("info", "a"),
            List.of("cat", "a", "--chunk", "x"),
            List.of("export", "a", "b"),
            List.of("restore", "a", "--to", "b"),
            List.of("diff", "a", "b"),
            List.of("tag", "a", "b"),
            List.of("flatten", "a"),
            List.of("rm", "a"));
    for (List<String> command : commands) {
      Run run = Run.rkcp(plus(plus(List.copyOf(command), "-s"), store));

      assertThat(run.code()).as("%s", command).isEqualTo(1);
      assertThat(run.err())
          .isEqualTo(
              "rkcp: there is no store at "
                  + store
                  + ": '"
                  + stored
                  + "' does not exist; correct the path, or create a store with rkcp save\n");
      assertThat(run.out()).isEmpty();
      assertThat(stored).doesNotExist();
    }
  }

  @Test
  void letsNothingHostileReachATerminal() throws IOException {
    String hostile = "\u001b]0;owned\u0007\u202e\u009b31m";
    Run.rkcp(
            "save",
            "-s",
            store,
            "x",
            "--region",
            hostile + "=" + x,
            "--kernel-id",
            hostile,
            "--kernel-type",
            hostile,
            "--custom",
            hostile + "=" + hostile)
        .done();

    for (String command : List.of("ls", "info", "verify", "restore", "cat")) {
      List<Object> args =
          switch (command) {
            case "ls" -> List.of(command, "-s", store);
            case "restore" -> List.of(command, "-s", store, "x", "--to", directory.resolve("out"));
            case "cat" -> List.of(command, "-s", store, "x", "--chunk", "missing" + hostile);
            default -> List.of(command, "-s", store, "x");
          };
      for (boolean json : List.of(false, true)) {
        if (json && command.equals("cat")) {
          continue;
        }
        Run run = Run.rkcp(json ? plus(args, "--json") : args.toArray());

        assertThat(run.out() + run.err())
            .as(command)
            .doesNotContain("\u001b", "\u0007", "\u202e", "\u009b");
      }
    }
  }

  @Test
  void showsACheckpointOfAStoreAndAFile() {
    save("sim/a", "--step", 7, "--kernel-id", "wave-0", "--custom", "who=me");
    Path file = directory.resolve("a.rkcp");
    Run.rkcp("export", "-s", store, "sim/a", file).done();

    String named = Run.rkcp("info", "-s", store, "sim/a").done().out();
    String bare = Run.rkcp("info", file).done().out();

    assertThat(named)
        .startsWith("sim/a\n")
        .contains("\"wave-0\"", "step      7", "full, commit 1", "\"who\" = \"me\"", "pressure");
    assertThat(bare).startsWith(file + "\n").contains("\"wave-0\"", "\"who\" = \"me\"", "pressure");
  }

  @Test
  void looksUpNamesAndFilesByOneRule() {
    save("name");
    Path file = directory.resolve("a.rkcp");
    Run.rkcp("export", "-s", store, "name", file).done();
    Map<String, String> environment = Map.of("RKCP_STORE", store);

    assertThat(Run.with(environment, new byte[0], "info", "name").done().out()).startsWith("name");
    assertThat(Run.with(environment, new byte[0], "info", file).done().out())
        .startsWith(file.toString());
    assertThat(Run.rkcp("info", "-s", store, file).code()).isEqualTo(1);
    assertThat(Run.with(environment, new byte[0], "info", "missing").err())
        .startsWith("rkcp: 'missing': ");
  }

  @Test
  void copiesBetweenStoresAndWithinOne() {
    save("sim/a");
    String other = Run.store(directory.resolve("other"));

    Run.rkcp("cp", store + "#sim/a", other + "#").done();
    Run.rkcp("cp", "-s", store, "sim/a", "sim/b").done();
    Run.rkcp("cp", "-s", other, "sim/a", store + "#sim/c").done();

    Run.rkcp("verify", "-s", other, "sim/a", "--full").done();
    Run.rkcp("verify", "-s", store, "sim/a", "sim/b", "sim/c", "--full").done();
    assertThat(cat(other, "sim/a")).isEqualTo(cat(store, "sim/a")).isNotEmpty();
    assertThat(cat(store, "sim/c")).isEqualTo(cat(store, "sim/a"));
  }

  @Test
  void copiesAFileIntoAStore() {
    Run.rkcp("cp", GoldenFiles.named("03_each_type"), store + "#golden").done();

    assertThat(cat(store, "golden", "control-block")).hasSize(256);
    assertThat(Run.rkcp("ls", "-s", store).done().lines()).hasSize(2);
  }

  @Test
  void copiesNothingThatIsDamaged() throws IOException {
    byte[] bytes = Files.readAllBytes(GoldenFiles.named("03_each_type"));
    bytes[3000] ^= 1;
    Path damaged = Files.write(directory.resolve("damaged.rkcp"), bytes);

    Run run = Run.rkcp("cp", damaged, store + "#x");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("rkcp: '" + damaged + "': corrupt at offset ").hasLineCount(1);
    assertThat(stored.resolve("x.rkcp")).doesNotExist();
  }

  @Test
  void removesWhatItCanAndTellsWhatItCanNot() {
    save("a");
    save("b");

    Run run = Run.rkcp("rm", "-s", store, "a", "gone", "b", "--json");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("rkcp: 'gone': ").hasLineCount(1);
    assertThat(StrictJson.array(run.json()))
        .extracting(one -> StrictJson.object(one).get("removed"))
        .containsExactly(true, false, true);
    assertThat(Run.rkcp("ls", "-s", store, "--json").done().json()).isEqualTo(List.of());
  }

  @Test
  void removes() {
    save("a");
    save("b");

    Run.rkcp("rm", "-s", store, "a").done();
    Run again = Run.rkcp("rm", "-s", store, "a");

    assertThat(Run.rkcp("ls", "-s", store).done().lines()).hasSize(2);
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).startsWith("rkcp: 'a': ").hasLineCount(1);
  }

  @Test
  void writesOneChunkAsItIs() throws IOException {
    Run.rkcp(
            "save",
            "-s",
            store,
            "x",
            "--region",
            "pressure=" + x,
            "--chunk",
            "custom:7=" + x,
            "--chunk",
            "custom:7=" + GoldenFiles.named("01_empty"),
            "--control",
            x)
        .done();
    Path out = directory.resolve("out");

    assertThat(cat(store, "x", "pressure")).isEqualTo(Files.readAllBytes(x));
    assertThat(cat(store, "x", "control-block")).isEqualTo(Files.readAllBytes(x));
    assertThat(cat(store, "x", "custom:7@0")).isEqualTo(Files.readAllBytes(x));
    Run.rkcp("cat", "-s", store, "x", "--chunk", "pressure", "-o", out).done();
    assertThat(out).hasSameBinaryContentAs(x);
    Run ambiguous = Run.rkcp("cat", "-s", store, "x", "--chunk", "custom:7");
    assertThat(ambiguous.code()).isEqualTo(1);
    assertThat(ambiguous.err()).contains("2 chunks are 'custom:7'", "'custom:7@0'");
  }

  @Test
  void findsARegionOfAVersion1FileByTheHashOfItsName() {
    assertThat(Run.rkcp("cat", GoldenFiles.named("03_each_type"), "--chunk", "pressure_a").bytes())
        .hasSize(4096);
  }

  @Test
  void exportsOneFileOfEitherFormat() throws IOException {
    save("a", "--compression", "lz4");
    for (String format : List.of("1", "2")) {
      Path file = directory.resolve("v" + format + ".rkcp");

      Run.rkcp("export", "-s", store, "a", file, "--format", format, "--compression", "zstd")
          .done();

      Run.rkcp("verify", file, "--full").done();
      assertThat(Run.rkcp("cat", file, "--chunk", "pressure").done().bytes())
          .isEqualTo(Files.readAllBytes(x));
      assertThat(Run.rkcp("dump", file).done().lines()).contains("version " + format);
    }
  }

  private void save(String name, Object... more) {
    Object[] args =
        Stream.concat(
                Stream.of("save", "-s", store, name, "--region", "pressure=" + x), Stream.of(more))
            .toArray();
    Run.rkcp(args).done();
  }

  private static byte[] cat(String store, String name) {
    return cat(store, name, "pressure");
  }

  private static byte[] cat(String store, String name, String chunk) {
    return Run.rkcp("cat", "-s", store, name, "--chunk", chunk).done().bytes();
  }

  private static Map<String, Object> only(Object json) {
    assertThat(StrictJson.array(json)).hasSize(1);
    return StrictJson.object(StrictJson.array(json).get(0));
  }

  private static Object[] plus(Object[] args, Object more) {
    return plus(List.of(args), more);
  }

  private static Object[] plus(List<?> args, Object more) {
    return Stream.concat(args.stream(), Stream.of(more)).toArray();
  }
}
