package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConvertTest {
  /** Their sizes differ though they are not compressed: a strict reader refuses them. */
  private static final List<String> INCONSISTENT = List.of("10_max_values", "14_usize_differs");

  @TempDir Path directory;

  static Stream<Arguments> journeys() {
    return GoldenFiles.all().stream()
        .filter(file -> INCONSISTENT.stream().noneMatch(file.toString()::contains))
        .flatMap(
            file ->
                Stream.of("none", "lz4", "zstd", "lz4:9", "zstd:1")
                    .map(compression -> Arguments.of(file, compression)));
  }

  @ParameterizedTest
  @MethodSource("journeys")
  void keepsAllContentOnAJourneyThroughVersion2(Path golden, String compression)
      throws IOException {
    Path indexed = directory.resolve("v2.rkcp");
    Path compressed = directory.resolve("v1-compressed.rkcp");
    Path back = directory.resolve("v1.rkcp");

    // Of a delta, and of what one was applied to, a note tells.
    assertThat(Run.rkcp("convert", golden, indexed, "--compression", compression).code()).isZero();
    Run.rkcp("convert", indexed, compressed, "--format", 1, "--compression", compression).done();
    Run.rkcp("convert", compressed, back, "--format", "1").done();

    assertThat(content(back)).isEqualTo(content(golden));
    assertThat(Files.size(back)).isEqualTo(Files.size(golden));
  }

  /** All but the checksum: the reference writes custom entries in any order. */
  private static List<String> content(Path file) {
    return Run.rkcp("dump", file).done().lines().stream()
        .filter(line -> !line.startsWith("checksum "))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10_max_values", "14_usize_differs"})
  void refusesSizesThatDifferUnlessLenient(String name) {
    Path golden = GoldenFiles.named(name);
    Path out = directory.resolve("out.rkcp");

    Run strict = Run.rkcp("convert", golden, out);

    assertThat(strict.code()).isEqualTo(1);
    assertThat(strict.err()).matches("rkcp: '.*': corrupt at offset [0-9]+: [^\n]*chunk[^\n]*\n");
    assertThat(directory).isEmptyDirectory();

    Run.rkcp("convert", golden, out, "--lenient", "--format", "1").done();

    assertThat(Run.rkcp("dump", out).done().lines())
        .filteredOn(line -> line.startsWith("chunk "))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line).matches(".* usize ([0-9]+) csize \\1 .* len \\1 .*"));
  }

  @Test
  void writesTheCreatedAtThatIsAskedFor() {
    Path out = directory.resolve("out.rkcp");
    Path golden = GoldenFiles.named("02_seed_roundtrip");

    Run.rkcp("convert", golden, out, "--format", "1", "--created-at", "18446744073709551615")
        .done();

    assertThat(Run.rkcp("dump", out).done().lines()).contains("created_at 18446744073709551615");
  }

  @Test
  void refusesToWriteOntoItsInput() throws IOException {
    Path file = Files.copy(GoldenFiles.named("03_each_type"), directory.resolve("a.rkcp"));
    Path link = Files.createSymbolicLink(directory.resolve("b.rkcp"), file);
    byte[] before = Files.readAllBytes(file);

    for (Path out : List.of(file, link, directory.resolve(".").resolve("a.rkcp"))) {
      Run run = Run.rkcp("convert", file, out);

      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err()).contains("are the same file").hasLineCount(1);
    }
    assertThat(file).hasBinaryContent(before);
  }

  @Test
  void leavesWhatWasThereWhenItFails() throws IOException {
    byte[] damaged = Files.readAllBytes(GoldenFiles.named("03_each_type"));
    damaged[damaged.length - 1] ^= 1;
    Path in = Files.write(directory.resolve("in.rkcp"), damaged);
    Path out = Files.writeString(directory.resolve("out.rkcp"), "was here before");

    Run run = Run.rkcp("convert", in, out);

    assertThat(run.code()).isEqualTo(1);
    assertThat(out).hasContent("was here before");
    assertThat(directory).isDirectoryNotContaining("glob:**.part");
  }

  @Test
  void writesToStandardOutput() throws IOException {
    Path out = directory.resolve("out.rkcp");
    Path golden = GoldenFiles.named("03_each_type");
    Run.rkcp("convert", golden, out, "--format", "1").done();

    Run run = Run.rkcp("convert", golden, "-", "--format", "1").done();

    assertThat(run.bytes())
        .isEqualTo(Files.readAllBytes(out))
        .isEqualTo(Files.readAllBytes(golden));
  }

  @Test
  void tellsWhatItWrote() throws IOException {
    Path out = directory.resolve("out.rkcp");
    Path golden = GoldenFiles.named("03_each_type");

    Run told = Run.rkcp("convert", golden, out, "--format", "1", "--json").done();

    assertThat(StrictJson.object(told.json()))
        .containsEntry("file", out.toString())
        .containsEntry("format", new BigDecimal(1))
        .containsEntry("compression", "none")
        .containsEntry("state_bytes", new BigDecimal(6151))
        .containsEntry("file_bytes", new BigDecimal(Files.size(out)));
    assertThat(Run.rkcp("convert", golden, out, "--format", "1").done().out())
        .isEqualTo(out + ": 6.01 KiB of state in 6.46 KiB, format 1, not compressed\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"d1", "d2"})
  void appliesAWholeChunkDeltaAndMakesOne(String set) throws IOException {
    Path base = GoldenFiles.named("delta-v1/" + set + "_base");
    Path delta = GoldenFiles.named("delta-v1/" + set + "_delta");
    Path applied = GoldenFiles.named("delta-v1/" + set + "_applied");
    Path next = GoldenFiles.named("delta-v1/" + set + "_new");

    Run.rkcp("convert", delta, directory.resolve("applied"), "--base", base, "--format", 1).done();
    Run.rkcp("convert", next, directory.resolve("delta"), "--base", base, "--format", 1).done();

    assertThat(timeless(directory.resolve("applied"))).isEqualTo(timeless(applied));
    assertThat(timeless(directory.resolve("delta"))).isEqualTo(timeless(delta));
  }

  @Test
  void keepsTheNamesOfAllRegionsInADeltaOfVersion1() throws IOException {
    String store = Run.store(directory.resolve("store"));
    Path field = Files.write(directory.resolve("field"), new byte[100]);
    for (int i = 0; i < 2; i++) {
      Path changed = Files.write(directory.resolve("changed"), new byte[] {(byte) i});
      Run.rkcp("save", "-s", store, "x", "--region", "field=" + field, "moved=" + changed).done();
      Run.rkcp("export", "-s", store, "x", directory.resolve(i + ".rkcp")).done();
    }
    Path delta = directory.resolve("delta.rkcp");

    Run.rkcp(
            "convert",
            directory.resolve("1.rkcp"),
            delta,
            "--base",
            directory.resolve("0.rkcp"),
            "--format",
            1)
        .done();

    assertThat(Run.rkcp("dump", delta).done().out())
        .contains("chunks 1\n", "=\"field\"\n", "=\"moved\"\n");
  }

  /** Everything but when it was made. */
  private static List<String> timeless(Path file) {
    return Run.rkcp("dump", file).done().lines().stream()
        .filter(line -> !line.startsWith("created_at "))
        .toList();
  }

  @Test
  void refusesAWholeChunkDeltaOnAnotherBase() {
    Path delta = GoldenFiles.named("delta-v1/d1_delta");
    Path other = GoldenFiles.named("delta-v1/d1_new");
    Path out = directory.resolve("out");

    Run run = Run.rkcp("convert", delta, out, "--base", other);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).hasLineCount(1).contains("d1_new", "its content digest is");
    assertThat(out).doesNotExist();
    assertThat(Run.rkcp("convert", other, out, "--base", delta).code()).isEqualTo(2);
  }
}
