package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DumpTest {
  @TempDir Path directory;

  static List<Path> goldenFiles() {
    return GoldenFiles.all();
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void showsAGoldenFileAsTheReferenceReadsIt(Path file) throws IOException {
    assertThat(Run.rkcp("dump", file).done().out()).isEqualTo(GoldenFiles.text(file));
  }

  @Test
  void findsAllGoldenFiles() {
    assertThat(GoldenFiles.all()).hasSizeGreaterThanOrEqualTo(16);
  }

  @Test
  void showsRawLengthsOfACompressedFile() throws IOException {
    Path compressed = directory.resolve("zstd.rkcp");
    Path golden = GoldenFiles.named("16_runs");
    Run.rkcp("convert", golden, compressed, "--format", "1", "--compression", "zstd").done();

    List<String> lines = Run.rkcp("dump", compressed).done().lines();

    assertThat(lines).contains("version 1", "compression 2");
    assertThat(rawSums(lines)).isEqualTo(rawSums(GoldenFiles.text(golden).lines().toList()));
    assertThat(lines).isNotEqualTo(GoldenFiles.text(golden).lines().toList());
  }

  @Test
  void showsAVersion2File() throws IOException {
    Path indexed = directory.resolve("v2.rkcp");
    Path golden = GoldenFiles.named("03_each_type");
    Run.rkcp("convert", golden, indexed).done();

    List<String> lines = Run.rkcp("dump", indexed).done().lines();

    assertThat(lines).contains("magic 0x524b434b50543031", "version 2");
    assertThat(rawSums(lines)).isEqualTo(rawSums(GoldenFiles.text(golden).lines().toList()));
  }

  @Test
  void showsWhatIsWholeOfAVersion2FileBehindWhatIsDamaged() throws IOException {
    Path bad = Files.writeString(directory.resolve("bad"), "state that is going to be damaged");
    Path good = Files.writeString(directory.resolve("good"), "state that is going to be whole");
    Path file = directory.resolve("file.rkcp");
    String store = Run.store(directory.resolve("store"));
    String[] regions = {"--region", "bad=" + bad, "--region", "good=" + good};
    Run.rkcp("save", "-s", store, "a", regions[0], regions[1], regions[2], regions[3]).done();
    Run.rkcp("export", "-s", store, "a", file).done();
    List<String> before = Run.rkcp("dump", file).done().lines();
    byte[] bytes = Files.readAllBytes(file);
    bytes[new String(bytes, StandardCharsets.ISO_8859_1).indexOf("state that")] ^= 1;
    Files.write(file, bytes);

    Run run = Run.rkcp("dump", file);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("rkcp: '" + file + "': corrupt at offset ").hasLineCount(1);
    int damaged = before.size() - 2;
    List<String> expected = new ArrayList<>(before);
    expected.set(damaged, before.get(damaged).replaceFirst("crc32 .*", "damaged"));
    assertThat(run.lines()).isEqualTo(expected).isNotEqualTo(before);
    assertThat(Run.rkcp("cat", file, "--chunk", "good").done().out())
        .isEqualTo("state that is going to be whole");
  }

  @Test
  void failsInOneLineOnWhatIsNoCheckpoint() throws IOException {
    Path file = Files.writeString(directory.resolve("text"), "not a checkpoint at all, but text");

    Run run = Run.rkcp("dump", file);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("rkcp: '" + file + "': corrupt at offset 0: ").hasLineCount(1);
  }

  @Test
  void failsInOneLineOnAFileThatIsNotThere() {
    Run run = Run.rkcp("dump", directory.resolve("missing"));

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("rkcp: '" + directory.resolve("missing") + "': no such file or directory\n");
  }

  /** Of each chunk, its type, id, length and CRC-32. */
  private static List<String> rawSums(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("chunk "))
        .map(line -> line.replaceAll(" [uc]size [0-9]+", ""))
        .toList();
  }
}
