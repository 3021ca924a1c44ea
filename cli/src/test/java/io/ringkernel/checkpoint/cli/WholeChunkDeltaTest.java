package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deltas of version 1 that lie in a store as bare files. */
class WholeChunkDeltaTest {
  @TempDir Path directory;
  private Path stored;
  private String store;

  @BeforeEach
  void makeStore() throws IOException {
    stored = Files.createDirectories(directory.resolve("store"));
    store = Run.store(stored);
  }

  private void put(String golden, String name) throws IOException {
    Files.copy(GoldenFiles.named("delta-v1/" + golden), stored.resolve(name + ".rkcp"));
  }

  private Run rkcp(String command, Object... more) {
    Stream<Object> args = Stream.of(command, "-s", store);
    return Run.rkcp(Stream.concat(args, Stream.of(more)).toArray());
  }

  /** All files that a restore writes. */
  private Path restored(String name, Object... more) {
    Path to = directory.resolve("restored-" + name);
    rkcp("restore", Stream.concat(Stream.of(name, "--to", to), Stream.of(more)).toArray()).done();
    return to;
  }

  private static void assertSameFiles(Path actual, Path expected) throws IOException {
    try (Stream<Path> files = Files.list(expected)) {
      for (Path file : files.toList()) {
        assertThat(actual.resolve(file.getFileName())).hasSameBinaryContentAs(file);
      }
    }
    try (Stream<Path> files = Files.list(actual);
        Stream<Path> wanted = Files.list(expected)) {
      assertThat(files.count()).isEqualTo(wanted.count()).isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"d1", "d2"})
  void restoresADeltaUponTheOneBaseWithItsDigest(String set) throws IOException {
    put(set + "_new", "full");
    Path expected = restored("full");
    Files.delete(stored.resolve("full.rkcp"));
    put(set + "_base", "base");
    put(set + "_delta", "delta");

    assertSameFiles(restored("delta"), expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "2"})
  void exportsADeltaWholeSoThatItStandsAlone(String format) throws IOException {
    put("d1_base", "base");
    put("d1_delta", "delta");
    Path file = directory.resolve("whole.rkcp");
    Path expected = restored("delta");

    rkcp("export", "delta", file, "--format", format).done();

    Files.move(file, stored.resolve("alone.rkcp"));
    Files.delete(stored.resolve("base.rkcp"));
    Files.delete(stored.resolve("delta.rkcp"));
    assertSameFiles(restored("alone"), expected);
  }

  @Test
  void takesTheBaseThatIsGiven() throws IOException {
    put("d1_base", "base");
    put("d1_delta", "delta");
    Path expected = restored("delta");
    Files.move(stored.resolve("base.rkcp"), directory.resolve("base.rkcp"));
    Files.move(stored.resolve("delta.rkcp"), directory.resolve("delta.rkcp"));

    try (Stream<Path> files = Files.list(expected)) {
      for (Path file : files.toList()) {
        String chunk = file.getFileName().toString().replaceFirst("-([^-]*)\\.bin$", ":$1");
        assertThat(
                Run.rkcp(
                        "cat",
                        directory.resolve("delta.rkcp"),
                        "--base",
                        directory.resolve("base.rkcp"),
                        "--chunk",
                        chunk)
                    .done()
                    .bytes())
            .as(chunk)
            .isEqualTo(Files.readAllBytes(file));
      }
    }
  }

  @Test
  void tellsThatAPartOfAStateIsConverted() {
    Path out = directory.resolve("part.rkcp");

    Run run = Run.rkcp("convert", GoldenFiles.named("delta-v1/d1_delta"), out);

    assertThat(run.code()).isZero();
    assertThat(run.err()).hasLineCount(1).startsWith("note: ").contains("d1_delta.rkcp", "--base");
    assertThat(
            Run.rkcp("convert", GoldenFiles.named("delta-v1/d1_delta"), out, "--format", "1").err())
        .isEmpty();
  }

  @Test
  void convertsADeltaToOneThatAppliesOnTheSameBase() {
    Path base = GoldenFiles.named("delta-v1/d1_base");
    Path golden = GoldenFiles.named("delta-v1/d1_delta");
    Path compressed = directory.resolve("delta.rkcp");
    Path expected = directory.resolve("expected.rkcp");
    Path whole = directory.resolve("whole.rkcp");

    Run.rkcp("convert", golden, compressed, "--format", 1, "--compression", "zstd").done();
    Run.rkcp("convert", golden, expected, "--base", base, "--format", 1).done();
    Run.rkcp("convert", compressed, whole, "--base", base, "--format", 1).done();

    assertThat(whole).hasSameBinaryContentAs(expected);
  }

  @Test
  void refusesAnotherBaseAndABaseThatIsNotNeeded() throws IOException {
    put("d1_base", "base");
    put("d1_delta", "delta");
    put("d1_new", "other");
    Path to = directory.resolve("out");

    Run wrong = rkcp("restore", "delta", "--to", to, "--base", "other");
    Run needless = rkcp("restore", "other", "--to", to, "--base", "base");

    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err()).startsWith("rkcp: 'delta': base 'other': its content digest is ");
    assertThat(needless.code()).isEqualTo(1);
    assertThat(needless.err()).contains("'other' is no delta of version 1", "--base");
    assertThat(to).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"restore", "cat", "export"})
  void saysWhatToGiveWhenNoBaseIsThere(String command) throws IOException {
    put("d1_delta", "delta");

    Run run =
        switch (command) {
          case "cat" -> rkcp("cat", "delta", "--chunk", "control-block");
          case "export" -> rkcp("export", "delta", directory.resolve("out"));
          default -> rkcp("restore", "delta", "--to", directory.resolve("out"));
        };

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("rkcp: 'delta' is a delta of version 1; base '")
        .contains("no full checkpoint of kernel '", "name the base by --base")
        .hasLineCount(1);
    assertThat(run.out()).isEmpty();
    assertThat(directory.resolve("out")).doesNotExist();
  }

  @Test
  void showsThatItIsADelta() throws IOException {
    put("d1_delta", "delta");

    assertThat(rkcp("info", "delta").done().out())
        .containsPattern("delta +of whole chunks, on a base with digest [0-9a-f]{8}");
  }

  @Test
  void anImportRecordsTheOneBaseWithItsDigestOrTheOneThatIsNamed() throws IOException {
    put("d1_delta", "delta");
    Path expected = directory.resolve("restored-delta");
    Path file = GoldenFiles.named("delta-v1/d1_delta");
    String kept = store + "#base";
    Run.rkcp("cp", GoldenFiles.named("delta-v1/d1_base"), kept).done();
    restored("delta");

    Run found = Run.rkcp("cp", file, store + "#found").done();
    Run.rkcp("cp", "--base", "base", file, store + "#named").done();
    Run wrong = Run.rkcp("cp", "--base", "found", file, store + "#wrong");
    Run needless =
        Run.rkcp("cp", "--base", "base", GoldenFiles.named("delta-v1/d1_base"), store + "#x");
    Run misplaced = Run.rkcp("cp", "--base", "base", kept, store + "#x");

    assertThat(found.out()).endsWith(", delta\n").doesNotContain("note: ");
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err()).contains("digest").hasLineCount(1);
    assertThat(needless.err()).contains("leave out --base");
    assertThat(misplaced.code()).isEqualTo(2);
    rkcp("rm", "base").done();
    rkcp("gc", "--grace", "0").done();
    assertSameFiles(restored("found"), expected);
    assertSameFiles(restored("named"), expected);

    Path empty = Files.createDirectories(directory.resolve("empty"));
    assertThat(Run.rkcp("cp", file, Run.store(empty) + "#delta").done().out())
        .contains("\nnote: which checkpoint it was made from is not recorded: ");
  }
}
