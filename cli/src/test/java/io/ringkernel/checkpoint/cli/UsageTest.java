package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
  @TempDir Path directory;

  static Stream<String> commands() {
    return Commands.NAMES.stream();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nope:", "nope://x/y", "nope", ":"})
  void anUnknownKindOfStoreIsWrongUsage(String store) throws IOException {
    Path state = Files.writeString(directory.resolve("state"), "x");
    for (Run run :
        List.of(
            Run.rkcp("ls", "-s", store),
            Run.rkcp("verify", "-s", store, "--all"),
            Run.rkcp("gc", "-s", store),
            Run.rkcp("save", "-s", store, "a", "--region", "r=" + state))) {
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err()).contains("scheme").hasLineCount(1);
    }
  }

  @Test
  void showsItsVersionAndTheJdk() {
    Run run = Run.rkcp("--version").done();

    assertThat(run.out())
        .matches("rkcp [0-9]+\\.[0-9]+\\.[0-9]+\\S* .*\\R.*\\R")
        .contains(System.getProperty("java.runtime.version"));
  }

  @Test
  void listsEveryCommandInItsHelp() {
    String help = Run.rkcp("--help").done().out();

    assertThat(Commands.NAMES)
        .allSatisfy(name -> assertThat(help).containsPattern("\\R  " + name + " +\\S"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void explainsEachCommandWithAnExample(String name) {
    String help = Run.rkcp(name, "--help").done().out();

    assertThat(help).startsWith("Usage: rkcp " + name).contains("Example", "  rkcp " + name);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void keepsHelpWithinAScreenLine(String name) {
    assertThat(Run.rkcp(name, "--help").done().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
  }

  static Stream<List<String>> wrong() {
    String store = "file:usage";
    return Stream.of(
        List.of(),
        List.of("nonsense"),
        List.of("--nonsense"),
        List.of("dump"),
        List.of("dump", "a", "b"),
        List.of("convert", "a"),
        List.of("convert", "a", "b", "--format", "3"),
        List.of("convert", "a", "b", "--compression", "lz5"),
        List.of("convert", "a", "b", "--compression", "zstd:many"),
        List.of("convert", "a", "b", "--compression", "zstd:99"),
        List.of("convert", "a", "b", "--created-at", "-1"),
        List.of("convert", "a", "b", "--created-at", "18446744073709551616"),
        List.of("save", "-s", store, "x"),
        List.of("save", "x", "--region", "a=b"),
        List.of("save", "-s", store, "--region", "a=b"),
        List.of("save", "-s", store, "x", "--region"),
        List.of("save", "-s", store, "x", "--region", "a"),
        List.of("save", "-s", store, "x", "--chunk", "nonsense=b"),
        List.of("save", "-s", store, "x", "--chunk", "custom:-1=b"),
        List.of("save", "-s", store, "x", "--region", "a=-", "--control", "-"),
        List.of("save", "-s", store, "x", "--region", "a=b", "--step", "one"),
        List.of("save", "-s", store, "x", "--region", "a=b", "--custom", "novalue"),
        List.of("restore", "-s", store, "x"),
        List.of("ls"),
        List.of("ls", "-s", "no-scheme"),
        List.of("ls", "-s", "file:.?unknown=option"),
        List.of("verify", "-s", store),
        List.of("verify", "-s", store, "a", "--all"),
        List.of("save", "-s", store, "x", "--region", "a=b", "--base", "y", "--savepoint"),
        List.of("save", "-s", store, "x", "--region", "a=b", "--base", "y", "--format", "1"),
        List.of("diff", "-s", store, "a"),
        List.of("tag", "-s", store, "a"),
        List.of("flatten", "-s", store),
        List.of("prune", "-s", store),
        List.of("prune", "-s", store, "--keep-last", "0"),
        List.of("prune", "-s", store, "--keep-every", "soon"),
        List.of("prune", "-s", store, "--keep-every", "0"),
        List.of("prune", "-s", store, "--keep-best", ":min"),
        List.of("gc", "-s", store, "--grace", "-1s"),
        List.of("gc", "-s", store, "--grace", "1"),
        List.of("demo", "--full-every", "0"),
        List.of("demo", "--every", "0"),
        List.of("save", "-s", store, "x", "--region", "a=b", "--custom", "=v"),
        List.of("save", "-s", store, "x", "--region", "a=b", "--tag", ""),
        List.of("tag", "-s", store, "x", ""),
        List.of("restore", "-s", store, "x", "--to", ""),
        List.of("demo", "--size", "0"),
        List.of("save", "-s", "memory:x", "x", "--region", "a=b"),
        List.of("ls", "-s", "memory:x"),
        List.of("cp", "-s", "memory:x", "a", "b"),
        List.of("cp", "-s", store, "a"),
        List.of("cp", "-s", store, "--all", store, store),
        List.of("cp", "--all", "a", store),
        List.of("cp", "--all", store, store + "#name"),
        List.of("rm", "-s", store),
        List.of("cat", "-s", store, "x"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void answersWrongUsageWithExitCode2(List<String> args) {
    Run run = Run.rkcp(args.toArray());

    assertThat(run.err()).startsWith("rkcp: ").doesNotContain("Exception");
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void saysWhichWordsDoNotGoTogether() throws IOException {
    assertThat(Run.rkcp("verify", "-s", "file:usage", "--all", "a").err())
        .startsWith("rkcp: --all is every checkpoint of the store: leave out --all, or 'a'; see");
    assertThat(Run.rkcp("save", "x", "--region", "a=b", "--custom", "novalue").err())
        .startsWith("rkcp: value for option '--custom'");
    assertThat(Run.rkcp("save", "x", "--region", "state.raw").err())
        .startsWith("rkcp: --region: 'state.raw' has no =: write NAME=FILE; see");
    assertThat(Run.rkcp("demo", "--steps", "0").err())
        .startsWith("rkcp: --steps must be at least 2, not 0; see");
    assertThat(Run.rkcp("demo", "--size", "3").err())
        .startsWith("rkcp: --size must be at least 8, not 3; see");
    assertThat(Run.rkcp("info", directory).err())
        .startsWith("rkcp: '" + directory + "' is a directory: ")
        .contains("-s file:" + directory)
        .hasLineCount(1);
    assertThat(Run.rkcp("info", directory).code()).isEqualTo(2);
  }

  @Test
  void tellsWhatLiesInAStoreFromADamagedCheckpoint() throws IOException {
    Path state = Files.writeString(directory.resolve("state"), "some");
    Path store = directory.resolve("store");
    Run.rkcp("save", "-s", Run.store(store), "a/b", "--kernel-id=k", "--region", "r=" + state)
        .done();
    Path entry = store.resolve("a/b.rkcp");

    for (String command : List.of("info", "verify", "dump", "convert")) {
      List<Object> line = new ArrayList<>(List.of(command, entry));
      if (command.equals("convert")) {
        line.add(directory.resolve("converted"));
      }
      Run run = Run.rkcp(line.toArray());
      assertThat(run.out() + run.err())
          .contains("is the entry of a checkpoint in a store")
          .contains("-s file:" + store + " and its name, 'a/b'")
          .doesNotContain("corrupt", "DAMAGED");
      assertThat(run.code()).as(command).isEqualTo(2);
    }
    assertThat(Run.rkcp("info", store.resolve("%2Erkcp/heads/k.rkcp")).err())
        .contains("a record (head) that a store keeps for itself")
        .contains("-s file:" + store + " and a checkpoint's name");
    assertThat(Run.rkcp("info", store.resolve("%2Erkcp/reserve.rkcp")).err())
        .contains("what a store keeps for itself");
    assertThat(Run.rkcp("info", store.resolve("%lock")).err())
        .contains("what a store keeps for itself");
    Path copied = Files.copy(entry, directory.resolve("copied.rkcp"));
    assertThat(Run.rkcp("info", copied).err()).contains("give -s URI, which names its store");
  }

  @Test
  void takesTheFilesOfCheckpointsInAStoreAsTheyAre() throws IOException {
    Path state = Files.writeString(directory.resolve("state"), "some");
    Path store = directory.resolve("store");
    Run.rkcp("save", "-s", Run.store(store), "a", "--region", "r=" + state).done();
    try (Stream<Path> files = Files.walk(store.resolve("%2Erkcp/objects"))) {
      Path object = files.filter(Files::isRegularFile).findFirst().orElseThrow();
      Run.rkcp("verify", object).done();
      Run.rkcp("info", Files.copy(object, store.resolve("bare.rkcp"))).done();
    }
  }

  @Test
  void saysWhatToGiveInsteadOfAFileForAStoreOrForAName() throws IOException {
    Path state = Files.writeString(directory.resolve("state"), "some");
    Path store = directory.resolve("store");
    Run.rkcp("save", "-s", Run.store(store), "a", "--region", "r=" + state).done();

    Run asStore = Run.rkcp("ls", "-s", "file:" + state);
    assertThat(asStore.err()).contains("is a file").contains("without -s").hasLineCount(1);
    assertThat(asStore.code()).isEqualTo(2);
    assertThat(Run.rkcp("info", "-s", Run.store(store), "a.rkcp").err())
        .contains("nothing is stored")
        .contains("without .rkcp");
    assertThat(Run.rkcp("ls", "-s", "file:" + directory.resolve("none")).err())
        .contains("does not exist")
        .contains("rkcp save");
  }

  @Test
  void goesOnBehindWhatIsNoCheckpointOfSeveral() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));

    Run run = Run.rkcp("verify", directory, empty);

    assertThat(run.lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("FAILED").contains("is a directory"),
            line -> assertThat(line).startsWith("DAMAGED").contains("it is none, or was cut off"));
    assertThat(run.code()).as("one of them is damaged").isEqualTo(1);
  }

  @Test
  void takesHelpForACommandToo() {
    assertThat(Run.rkcp("help").done().out()).isEqualTo(Run.rkcp("--help").done().out());
    assertThat(Run.rkcp("help", "ls").done().out())
        .isEqualTo(Run.rkcp("ls", "--help").done().out());
    assertThat(Run.rkcp("help", "lss").err()).contains("Did you mean ls?");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void documentsWhatTheHelpSays(String name) throws IOException {
    String document = Files.readString(Path.of("..", "docs", "cli.md"));

    assertThat(document).contains("\n## " + name + "\n\n" + indented(Run.rkcp(name, "--help")));
    assertThat(document).contains(indented(Run.rkcp("--help")));
  }

  private static String indented(Run help) {
    return help.done()
        .out()
        .lines()
        .map(line -> (line.isBlank() ? "" : "    " + line) + "\n")
        .collect(Collectors.joining());
  }

  @Test
  void suggestsWhatMayHaveBeenMeant() {
    assertThat(Run.rkcp("lss").err()).contains("Did you mean ls?");
    assertThat(Run.rkcp("verify", "--ful", "x").err()).contains("Did you mean --full");
  }

  @Test
  void saysWhatIsWrongInItsOwnWords() {
    assertThat(Run.rkcp("ls", "a", "b").err())
        .isEqualTo("rkcp: one argument too many: 'b'; see rkcp ls --help\n");
    assertThat(Run.rkcp("dump", "a", "b", "c").err())
        .isEqualTo("rkcp: too many arguments: 'b', 'c'; see rkcp dump --help\n");
    assertThat(Run.rkcp("ls", "--nonsense").err()).startsWith("rkcp: there is no option '--nonse");
    assertThat(Run.rkcp("nonsense").err()).startsWith("rkcp: there is no command 'nonsense'; see");
    assertThat(Run.rkcp().err()).isEqualTo("rkcp: no command is given; see rkcp --help\n");
    assertThat(Run.rkcp("restore", "x").err())
        .isEqualTo("rkcp: missing required option: '--to=DIR'; see rkcp restore --help\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "500ms", "90s", "10m", "2h", "7d", "PT10M", "P1DT2H"})
  void takesASpanOfTime(String span) throws IOException {
    Path state = Files.writeString(directory.resolve("state"), "some");
    Run.rkcp("save", "-s", Run.store(directory), "a", "--region", "r=" + state).done();

    Run.rkcp("gc", "-s", Run.store(directory), "--grace", span).done();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "-1s", "PT-1S", "P", "soon", "1.5h", "99999999999999d"})
  void explainsWhatASpanOfTimeIs(String span) {
    Run run = Run.rkcp("gc", "-s", "file:spans", "--grace=" + span);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("'" + span + "' is no span of time", "10m, 2h", "PT10M");
  }

  @Test
  void refusesAStoreThatKeepsNothing() {
    assertThat(Run.rkcp("save", "-s", "memory:x", "x", "--region", "a=b").err())
        .isEqualTo(
            "rkcp: 'memory:x' keeps nothing when rkcp ends: name a store of file:, gs: or s3:; see"
                + " rkcp save --help\n");
    assertThat(Run.rkcp("ls", "-s", "store").err()).doesNotContain("memory:");
  }

  @Test
  void escapesWhatWasTypedBeforeItReachesATerminal() {
    Run run = Run.rkcp("dump", "\u001b]0;owned\u0007");

    assertThat(run.err()).contains("\\u{1b}").doesNotContain("\u001b", "\u0007");
  }

  @Test
  void showsWhereAFailureCameFromWhenAsked() {
    Path missing = Path.of("missing.rkcp");

    assertThat(Run.rkcp("dump", missing).err()).hasLineCount(1);
    assertThat(Run.rkcp("dump", missing, "--debug").err()).contains("    at io.ringkernel");
    assertThat(Run.with(Map.of("RKCP_DEBUG", "1"), new byte[0], "dump", missing).err())
        .contains("    at io.ringkernel");
  }

  @Test
  void verifySaysItInTheLineOfWhatItCouldNotLookUp() {
    Run run = Run.rkcp("verify", "missing");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).contains("missing").contains("no such file, and no store is named");
    assertThat(run.err()).isEqualTo("rkcp: 1 of 1 did not verify\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"info", "cat"})
  void saysHowToNameAStoreWhenThereIsNoSuchFile(String command) {
    Stream<String> more = command.equals("cat") ? Stream.of("--chunk", "x") : Stream.of();

    Run run = Run.rkcp(Stream.concat(Stream.of(command, "missing"), more).toArray());

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo(
            "rkcp: 'missing': no such file, and no store is named to look it up in: give -s URI or"
                + " set RKCP_STORE\n");
  }
}
