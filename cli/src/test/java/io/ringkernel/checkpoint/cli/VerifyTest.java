package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyTest {
  @TempDir Path directory;
  private Path stored;
  private String store;

  @BeforeEach
  void placeStore() {
    stored = directory.resolve("store");
    store = Run.store(stored);
  }

  @Test
  void saysOneLineForEach() throws IOException {
    save("b");
    save("a");

    assertThat(Run.rkcp("verify", "-s", store, "--all", "--full").done().lines())
        .containsExactly("ok       a", "ok       b");
    assertThat(Run.rkcp("verify", "-s", store, "b").done().lines()).containsExactly("ok       b");
  }

  @Test
  void goesOnAfterADamagedOne() throws IOException {
    save("a");
    save("c");
    Path bare = stored.resolve("b.rkcp");
    Run.rkcp("export", "-s", store, "a", bare).done();
    flip(bare, 70_000);

    Run run = Run.rkcp("verify", "-s", store, "--all", "--full");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.lines()).hasSize(3);
    assertThat(run.lines().get(0)).isEqualTo("ok       a");
    assertThat(run.lines().get(1)).matches("DAMAGED  b: corrupt at offset [0-9]+: .+");
    assertThat(run.lines().get(2)).isEqualTo("ok       c");
    assertThat(run.err()).isEqualTo("rkcp: 1 of 3 did not verify\n");
  }

  @Test
  void tellsOffsetAndReasonAsJson() throws IOException {
    save("a");
    Path file = directory.resolve("a.rkcp");
    Run.rkcp("export", "-s", store, "a", file).done();
    flip(file, 70_000);

    Run run = Run.rkcp("verify", file, directory.resolve("gone"), "--full", "--json");

    assertThat(run.code()).isEqualTo(1);
    Map<String, Object> damaged = StrictJson.object(StrictJson.array(run.json()).get(0));
    assertThat(damaged)
        .containsEntry("name", file.toString())
        .containsEntry("depth", "full")
        .containsEntry("whole", false);
    assertThat((BigDecimal) damaged.get("offset")).isPositive();
    assertThat((String) damaged.get("error"))
        .contains("corrupt at offset " + damaged.get("offset"));
    assertThat(StrictJson.object(StrictJson.array(run.json()).get(1)))
        .containsEntry("whole", false)
        .containsEntry("offset", null);
  }

  @Test
  void tellsTheNameOnceAsJson() throws IOException {
    save("a");
    Path bare = stored.resolve("b.rkcp");
    Run.rkcp("export", "-s", store, "a", bare).done();
    byte[] bytes = Files.readAllBytes(bare);
    bytes[8] = 9;
    Files.write(bare, bytes);

    Run run = Run.rkcp("verify", "-s", store, "b", "--json");

    Map<String, Object> later = StrictJson.object(StrictJson.array(run.json()).get(0));
    assertThat(later).containsEntry("name", "b");
    assertThat((String) later.get("error")).startsWith("format version 9 is not supported");
  }

  @Test
  void detectsEveryFlippedByteAndEveryTruncationOfASmallFile() throws IOException {
    Path state = Files.write(directory.resolve("state"), random(900));
    Run.rkcp(
            "save",
            "-s",
            store,
            "a",
            "--region",
            "r=" + state,
            "--control",
            state,
            "--custom",
            "key=value",
            "--kernel-id",
            "wave-0",
            "--compression",
            "zstd")
        .done();
    Path whole = directory.resolve("whole.rkcp");
    Run.rkcp("export", "-s", store, "a", whole, "--compression", "lz4").done();
    byte[] bytes = Files.readAllBytes(whole);
    Path bare = stored.resolve("bare.rkcp");
    Files.write(bare, bytes);
    Run.rkcp("verify", "-s", store, "bare", "--full").done();

    for (int i = 0; i < bytes.length; i++) {
      byte[] flipped = bytes.clone();
      flipped[i] ^= (byte) (1 << (i % 8));
      Files.write(bare, flipped);
      assertThat(Run.rkcp("verify", "-s", store, "bare", "--full").code()).as("byte %d", i).isOne();
    }
    for (int length = 0; length < bytes.length; length += 1 + length / 50) {
      Files.write(bare, java.util.Arrays.copyOf(bytes, length));
      assertThat(Run.rkcp("verify", bare, "--full").code()).as("length %d", length).isOne();
    }
  }

  @Test
  void verifiesVersion1Files() throws IOException {
    Path file = Files.copy(GoldenFiles.named("03_each_type"), directory.resolve("a.rkcp"));
    Run.rkcp("verify", file).done();
    flip(file, 5000);

    assertThat(Run.rkcp("verify", file).lines().get(0))
        .startsWith("DAMAGED  " + file + ": corrupt");
  }

  @Test
  void doesNotCallDamagedWhatALaterReleaseMayRead() throws IOException {
    // 2 becomes 3.
    flip(theObjectOfAFullOneWithADelta(), 8);

    Run run = Run.rkcp("verify", "-s", store, "--all");

    assertThat(run.lines())
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).startsWith("FAILED ").contains("newer release"));
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void namesTheCheckpointWhoseObjectIsDamagedWhereverThatIsMet() throws IOException {
    flip(theObjectOfAFullOneWithADelta(), 150_000);

    Run verified = Run.rkcp("verify", "-s", store, "delta", "--full");
    Run read = Run.rkcp("cat", "-s", store, "delta", "--chunk", "r");

    assertThat(verified.out())
        .startsWith("DAMAGED  delta: corrupt at offset ")
        .endsWith("; this is the object of 'full'\n");
    assertThat(read.code()).isEqualTo(1);
    assertThat(read.err())
        .startsWith("rkcp: 'delta': corrupt at offset ")
        .endsWith("; rkcp verify --full shows which checkpoints are affected\n");
  }

  /** Saves {@code full}, and {@code delta} upon it. */
  private Path theObjectOfAFullOneWithADelta() throws IOException {
    save("full");
    byte[] changed = random(200_000);
    changed[7] ^= 1;
    Path state = Files.write(directory.resolve("state"), changed);
    Run.rkcp("save", "-s", store, "delta", "--region", "r=" + state, "--base", "full").done();
    String object = (String) StrictJson.object(info("full")).get("object_id");
    try (Stream<Path> files = Files.walk(stored)) {
      return files.filter(file -> file.endsWith(object + ".rkcp")).findFirst().orElseThrow();
    }
  }

  private Object info(String name) {
    return Run.rkcp("info", "-s", store, name, "--json").done().json();
  }

  private void save(String name) throws IOException {
    Path state = Files.write(directory.resolve("state"), random(200_000));
    Run.rkcp("save", "-s", store, name, "--region", "r=" + state).done();
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
