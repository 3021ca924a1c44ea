package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Hooks;

class DeltaCommandsTest {
  private static final int BLOCK = 64 << 10;
  private static final int BLOCKS = 24;
  private static final int GREY = 0xffd8d8d8;
  private static final int VERMILION = 0xffd55e00;
  private static final int BLUE = 0xff0072b2;

  @TempDir Path directory;
  private String store;
  private final byte[] state = new byte[BLOCKS * BLOCK];

  @BeforeEach
  void placeStore() {
    store = Run.store(directory.resolve("store"));
    new Random(42).nextBytes(state);
  }

  private Run save(String name, Object... more) throws IOException {
    return saveOf("k", name, more);
  }

  private Run saveOf(String kernel, String name, Object... more) throws IOException {
    Path file = Files.write(directory.resolve("state"), state);
    Stream<Object> args =
        Stream.of("save", "-s", store, name, "--region", "grid=" + file, "--kernel-id", kernel);
    return Run.rkcp(Stream.concat(args, Stream.of(more)).toArray());
  }

  private Run rkcp(String command, Object... more) {
    Stream<Object> args = Stream.of(command, "-s", store);
    return Run.rkcp(Stream.concat(args, Stream.of(more)).toArray());
  }

  private void change(int... blocks) {
    for (int block : blocks) {
      state[block * BLOCK + 7]++;
    }
  }

  private void fullAndDelta() throws IOException {
    save("one", "--step", 1).done();
    change(3, 17);
    save("two", "--step", 2, "--base", "latest").done();
  }

  private byte[] restored(String name) {
    return rkcp("cat", name, "--chunk", "grid").done().bytes();
  }

  private static Map<String, Object> object(Run run) {
    return StrictJson.object(run.done().json());
  }

  private static List<Map<String, Object>> objects(Run run) {
    return StrictJson.array(run.done().json()).stream().map(StrictJson::object).toList();
  }

  private List<Object> names() {
    return objects(rkcp("ls", "--json")).stream().map(listed -> listed.get("name")).toList();
  }

  @Test
  void storesWhatChangedSinceTheLatest() throws IOException {
    save("one").done();
    change(3, 17);

    Map<String, Object> receipt = object(save("two", "--base", "latest", "--json"));

    assertThat(receipt)
        .containsEntry("kind", "delta")
        .containsEntry("captured_bytes", new BigDecimal(BLOCKS * BLOCK))
        .containsEntry("changed_bytes", new BigDecimal(2 * BLOCK));
    assertThat((BigDecimal) receipt.get("stored_bytes")).isLessThan(new BigDecimal(3 * BLOCK));
    assertThat(receipt.get("base_object_id"))
        .isEqualTo(object(rkcp("info", "one", "--json")).get("object_id"));
    assertThat(restored("two")).isEqualTo(state);
  }

  @Test
  void saysWhatADeltaSaved() throws IOException {
    save("one").done();
    change(5);

    String told = save("two", "--base", "one").done().out();

    assertThat(told)
        .startsWith("saved two: 1.50 MiB of state, 64.0 KiB of it changed (4.17 %), ")
        .contains(" KiB stored, delta, format 2, not compressed, ");
  }

  @Test
  void saysWhyWhatWasToBeADeltaIsFull() throws IOException {
    String told = save("first", "--base", "latest").done().out();

    assertThat(told.lines())
        .hasSize(2)
        .last()
        .asString()
        .startsWith("note: it is a full one: no checkpoint is known as its kernel's latest");
  }

  @Test
  void refusesABaseThatIsNotThereOrOfAnotherKernel() throws IOException {
    save("one").done();

    Run missing = save("two", "--base", "nothing");
    Run foreign = saveOf("other", "two", "--base", "one");

    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).hasLineCount(1).contains("'nothing'");
    assertThat(foreign.code()).isEqualTo(1);
    assertThat(foreign.err()).hasLineCount(1).contains("it is of kernel 'k'");
    assertThat(names()).containsExactly("one");
  }

  @Test
  void showsWhereTheBlocksOfADeltaAre() throws IOException {
    fullAndDelta();

    String shown = rkcp("info", "two").done().out();
    Map<String, Object> part =
        StrictJson.object(
            StrictJson.array(object(rkcp("info", "two", "--json")).get("ancestry")).get(0));

    assertThat(shown)
        .contains("delta, commit 2 of its kernel", "refers to 1 other object:")
        .containsPattern("[0-9a-f]{32} +22 +1.38 MiB  one\\R");
    assertThat(part)
        .containsEntry("name", "one")
        .containsEntry("blocks", new BigDecimal(BLOCKS - 2))
        .containsEntry("state_bytes", new BigDecimal((BLOCKS - 2) * BLOCK));
  }

  @Test
  void showsAnAncestorWhoseCheckpointWasRemoved() throws IOException {
    fullAndDelta();
    rkcp("rm", "one").done();

    assertThat(rkcp("info", "two").done().out())
        .containsPattern("[0-9a-f]{32} +22 +1.38 MiB  -\\R");
    assertThat(restored("two")).isEqualTo(state);
  }

  @Test
  void tellsWhichBlocksDiffer() throws IOException {
    fullAndDelta();

    List<String> lines = rkcp("diff", "one", "two").done().lines();
    Map<String, Object> told = object(rkcp("diff", "one", "two", "--json"));
    Map<String, Object> chunk = StrictJson.object(StrictJson.array(told.get("chunks")).get(0));

    assertThat(lines.get(0))
        .isEqualTo("from one to two: 2 of 24 blocks of 64.0 KiB differ, 128 KiB, 8.33 %");
    assertThat(lines.get(2)).matches("grid +device-memory +1.50 MiB +24 +2 +128 KiB .* changed");
    assertThat(told).containsEntry("same", false);
    assertThat(chunk)
        .containsEntry("status", "changed")
        .containsEntry(
            "changed_runs",
            List.of(
                List.of(new BigDecimal(3), new BigDecimal(1)),
                List.of(new BigDecimal(17), new BigDecimal(1))));
    assertThat(rkcp("diff", "two", "two").done().lines().get(0))
        .isEqualTo("from two to two: the same state");
  }

  @Test
  void drawsACellForEachBlock() throws IOException {
    fullAndDelta();
    Path more = Files.write(directory.resolve("more"), new byte[] {1});
    save("three", "--base", "two", "--region", "new=" + more).done();
    Path picture = directory.resolve("changed.png");

    rkcp("diff", "one", "three", "--png", picture).done();

    BufferedImage drawn = ImageIO.read(picture.toFile());
    // Behind the margin, three lines, the chunk's own margin and title: cells of 20 pixels.
    int y = 16 + 3 * 22 + 16 + 22 + 10;
    List<Integer> changed = new ArrayList<>();
    for (int block = 0; block < BLOCKS; block++) {
      int colour = drawn.getRGB(16 + 20 * block + 10, y);
      assertThat(colour).isIn(GREY, VERMILION);
      if (colour == VERMILION) {
        changed.add(block);
      }
    }
    assertThat(changed).containsExactly(3, 17);
    assertThat(drawn.getRGB(16 + 10, y + 20 + 16 + 22)).isEqualTo(BLUE);
  }

  @Test
  void refusesToCompareWhatCanNotBeCompared() throws IOException {
    save("one").done();
    save("old", "--format", 1).done();

    Run old = rkcp("diff", "one", "old");
    assertThat(old.code()).isEqualTo(1);
    assertThat(old.err())
        .hasLineCount(1)
        .startsWith("rkcp: 'old' is of version 1, which has no index to compare; rkcp export ");
    assertThat(rkcp("diff", "one", "nothing").code()).isEqualTo(1);
    assertThat(rkcp("diff", "one", "nothing").err()).hasLineCount(1).contains("'nothing'");
    // What the message says to do.
    Path file = directory.resolve("old.rkcp");
    rkcp("export", "old", file).done();
    Run.rkcp("cp", file, store + "#new").done();
    assertThat(rkcp("diff", "one", "new").done().lines().get(0)).startsWith("from one to new: ");
  }

  @Test
  void leavesNoPictureOfADiffThatFailed() throws IOException {
    save("one").done();
    Path picture = directory.resolve("changed.png");

    assertThat(rkcp("diff", "one", "nothing", "--png", picture).code()).isEqualTo(1);
    assertThat(picture).doesNotExist();
    assertThat(rkcp("diff", "one", "one", "--png", directory).err()).contains("is a directory");
  }

  @Test
  void flattensADelta() throws IOException {
    fullAndDelta();

    Map<String, Object> told = objects(rkcp("flatten", "two", "--json")).get(0);

    assertThat(told).containsEntry("changed", true);
    assertThat(StrictJson.array(told.get("released"))).hasSize(1);
    assertThat(object(rkcp("info", "two", "--json"))).containsEntry("kind", "full");
    assertThat(restored("two")).isEqualTo(state);
    assertThat(rkcp("flatten", "two").done().out()).isEqualTo("two is a full checkpoint already\n");
    assertThat(rkcp("flatten", "nothing").code()).isEqualTo(1);
  }

  @Test
  void goesOnBehindOneThatCanNotBeFlattened() throws IOException {
    fullAndDelta();

    Run run = rkcp("flatten", "nothing", "two");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("rkcp: 'nothing': ").hasLineCount(1);
    assertThat(run.out()).startsWith("flattened two: ");
  }

  /** Removes the object of a checkpoint from under its entry, and gives its id. */
  private String loseObject(String name) throws IOException {
    String id = (String) object(rkcp("info", name, "--json")).get("object_id");
    Path objects = directory.resolve("store/%2Erkcp/objects");
    Files.delete(objects.resolve(id.substring(0, 2)).resolve(id + ".rkcp"));
    return id;
  }

  @Test
  void namesTheFirstOfTwoThatCanNotBeCompared() throws IOException {
    save("one").done();
    save("two").done();
    String id = loseObject("one");

    assertThat(rkcp("diff", "one", "two").err())
        .startsWith("rkcp: 'one': its object " + id + " is not in the store")
        .hasLineCount(1);
    loseObject("two");
    assertThat(rkcp("diff", "two", "one").err()).startsWith("rkcp: 'two': its object ");
    assertThat(rkcp("diff", "x", "y").err()).startsWith("rkcp: 'x': ").hasLineCount(1);
  }

  @Test
  void verifyTellsWhichBaseIsMissingOfADeltaThatIsNotDamagedItself() throws IOException {
    fullAndDelta();
    String id = loseObject("one");

    Run run = rkcp("verify", "two");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.lines())
        .singleElement()
        .asString()
        .startsWith("FAILED   two: base '" + id + "' is missing: ")
        .contains("this is the object of 'one'");

    Run json = rkcp("verify", "two", "--json");
    assertThat(json.code()).isEqualTo(1);
    Map<String, Object> told = StrictJson.object(StrictJson.array(json.json()).get(0));
    assertThat(told).containsEntry("whole", false).containsEntry("missing_base", id);
    assertThat((String) told.get("error")).contains("is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"flatten", "cp", "export"})
  void tellsAMissingAncestorInOneLineAndDropsNoSecondError(String command) throws IOException {
    save("one").done();
    change(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21);
    save("two", "--base", "latest").done();
    String id = loseObject("one");
    List<Throwable> dropped = new CopyOnWriteArrayList<>();
    Hooks.onErrorDropped(dropped::add);

    try {
      Run run =
          switch (command) {
            case "cp" -> rkcp("cp", "two", Run.store(directory.resolve("other")) + "#");
            case "export" -> rkcp("export", "two", directory.resolve("two.rkcp"));
            default -> rkcp("flatten", "two");
          };

      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err())
          .hasLineCount(1)
          .startsWith("rkcp: 'two'")
          .contains("base '" + id + "' is missing: put it back");
    } finally {
      Hooks.resetOnErrorDropped();
    }
    assertThat(dropped).isEmpty();
  }

  @Test
  void savesNothingWhenATagIsRefused() throws IOException {
    Run run = save("one", "--tag", "good", "--tag", "x".repeat(101));

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("a tag is 1 to 100 bytes").hasLineCount(1);
    assertThat(rkcp("ls").err()).contains("there is no store");
  }

  @Test
  void tagsAndTakesTagsAway() throws IOException {
    save("one", "--tag", "kept", "--tag", "first").done();

    assertThat(rkcp("tag", "one", "good").done().out()).isEqualTo("one: first, good, kept\n");
    assertThat(rkcp("ls").done().lines().get(1)).contains("  first, good, kept  ");
    assertThat(rkcp("info", "one").done().out()).contains("tags      first, good, kept");
    assertThat(rkcp("tag", "--remove", "one", "first", "kept", "good").done().out())
        .isEqualTo("one: no tags\n");
    assertThat(rkcp("tag", "nothing", "good").code()).isEqualTo(1);
    assertThat(rkcp("tag", "one", "\u0007").code()).isNotZero();
  }

  @Test
  void prunesWhatNoRuleKeepsAndGivesSpaceBack() throws IOException {
    save("one", "--step", 1, "--custom", "loss=0.1").done();
    change(1);
    save("two", "--step", 2, "--base", "latest", "--custom", "loss=0.7").done();
    change(2);
    save("three", "--step", 3, "--base", "latest", "--tag", "good").done();
    change(3);
    save("four", "--step", 4, "--base", "latest").done();
    change(4);
    save("five", "--step", 5, "--base", "latest").done();
    Object[] rules = {"--keep-last", 1, "--keep-tag", "good", "--keep-best", "loss:min"};

    List<String> dry = rkcp("prune", with(rules, "--dry-run")).done().lines();
    assertThat(names()).hasSize(5);
    List<Map<String, Object>> fates = objects(rkcp("prune", with(rules, "--json")));

    assertThat(dry).last().isEqualTo("would remove 2 of 5 checkpoints");
    assertThat(fates)
        .filteredOn(fate -> fate.get("fate").equals("removed"))
        .extracting(fate -> fate.get("name"))
        .containsExactlyInAnyOrder("two", "four");
    assertThat(names()).containsExactly("five", "one", "three");
    Map<String, Object> collected = object(rkcp("gc", "--grace", 0, "--json"));
    assertThat(StrictJson.array(collected.get("removed"))).isEmpty();
    rkcp("rm", "three").done();
    rkcp("flatten", "five").done();
    assertThat(rkcp("gc", "--grace", 0, "--dry-run").done().out())
        .startsWith("would remove 4 objects, ")
        .contains("2 of 6 are in use");
    assertThat(rkcp("gc", "--grace", 0).done().out()).startsWith("removed 4 objects, ");
    assertThat(restored("five")).isEqualTo(state);
  }

  private static Object[] with(Object[] rules, Object more) {
    return Stream.concat(Stream.of(rules), Stream.of(more)).toArray();
  }

  @Test
  void prunesNothingForAKernelOrAnEntryThatNoCheckpointHas() throws IOException {
    save("one", "--custom", "loss=0.1").done();
    save("two", "--custom", "loss=0.2").done();

    Run kernel = rkcp("prune", "--keep-last", 1, "k", "kk");
    Run entry = rkcp("prune", "--keep-last", 1, "--keep-best", "los:min");

    assertThat(kernel.code()).isEqualTo(1);
    assertThat(kernel.err())
        .isEqualTo("rkcp: no checkpoint of kernel 'kk' in " + store + "; nothing was removed\n");
    assertThat(entry.code()).isEqualTo(1);
    assertThat(entry.err()).hasLineCount(1).contains("custom entry 'los'", "nothing was removed");
    assertThat(names()).containsExactly("one", "two");
    rkcp("prune", "--keep-last", 1, "--keep-best", "loss:max").done();
    assertThat(names()).containsExactly("two");
  }

  @Test
  void tellsWhatWasRemovedWhenAndByWhichRules() throws IOException {
    for (int i = 0; i < 3; i++) {
      saveOf("a", "a" + i).done();
      saveOf("b", "b" + i).done();
    }
    rkcp("journal").hasNothingBut("nothing was removed by prune or gc");
    rkcp("prune", "--keep-last", 2).done();
    rkcp("prune", "--keep-last", 1, "b").done();
    rkcp("gc", "--grace", 0).done();

    List<String> lines = rkcp("journal").done().lines();
    List<Map<String, Object>> told = objects(rkcp("journal", "--json"));

    assertThat(lines).hasSize(6);
    assertThat(lines.get(0))
        .matches("[-0-9]{10} [:0-9]{8} UTC  prune  removed 2 checkpoints: keep last 2");
    assertThat(lines.subList(1, 3)).containsExactly("    a0", "    b0");
    assertThat(lines.get(3)).endsWith("  prune  removed 1 checkpoint: keep last 1");
    assertThat(lines.get(5)).contains("  gc  removed 3 objects: ", "grace of 0 s");
    assertThat(told).extracting(one -> one.get("action")).containsExactly("prune", "prune", "gc");
    assertThat(told.get(0))
        .containsEntry("complete", true)
        .containsEntry("policy", "keep last 2")
        .containsEntry("checkpoints", List.of("a0", "b0"))
        .containsEntry("kernel_ids", List.of("a", "b"));
    assertThat(StrictJson.array(told.get(2).get("object_ids"))).hasSize(3);
    assertThat(objects(rkcp("journal", "--kernel", "a", "--json")))
        .singleElement()
        .satisfies(one -> assertThat(one).containsEntry("checkpoints", List.of("a0")));
    Run nobody = rkcp("journal", "--kernel", "nobody");
    assertThat(nobody.code()).isEqualTo(1);
    assertThat(nobody.err()).startsWith("rkcp: no checkpoint of kernel 'nobody' in file:");
  }

  @Test
  void prunesOnlyTheKernelsAskedForAndNoSavepoint() throws IOException {
    for (String kernel : List.of("a", "b")) {
      for (int i = 0; i < 3; i++) {
        saveOf(kernel, kernel + i, "--step", i).done();
      }
      saveOf(kernel, kernel + "-safe", "--savepoint").done();
      saveOf(kernel, kernel + "-last").done();
    }

    assertThat(rkcp("prune", "--keep-last", 1, "a").done().lines().get(0)).doesNotContain("KERNEL");
    assertThat(rkcp("prune", "--keep-last", 1, "--dry-run").done().lines())
        .anyMatch(line -> line.matches("NAME +KERNEL +STEP +FATE +BECAUSE"))
        .anyMatch(line -> line.matches("b0 +b +0 +would be removed .*"));
    assertThat(rkcp("ls").done().lines())
        .anyMatch(line -> line.matches("NAME +KERNEL +STEP .*"))
        .anyMatch(line -> line.matches("b0 +b +0 .*"));

    assertThat(names()).containsExactly("a-last", "a-safe", "b-last", "b-safe", "b0", "b1", "b2");
  }

  @Test
  void copiesADeltaToAStoreThatHasItsBaseAsADelta() throws IOException {
    fullAndDelta();
    String other = Run.store(directory.resolve("other"));
    Run.rkcp("cp", store + "#one", other + "#").done();

    Map<String, Object> copied = object(Run.rkcp("cp", store + "#two", other + "#", "--json"));

    assertThat(copied).containsEntry("kind", "delta");
    assertThat(Run.rkcp("cat", "-s", other, "two", "--chunk", "grid").done().bytes())
        .isEqualTo(state);
  }

  @Test
  void exportsADeltaAsASelfContainedFile() throws IOException {
    fullAndDelta();
    Path file = directory.resolve("two.rkcp");

    rkcp("export", "two", file).done();

    assertThat(object(Run.rkcp("info", file, "--json"))).containsEntry("kind", "full");
    assertThat(Run.rkcp("cat", file, "--chunk", "grid").done().bytes()).isEqualTo(state);
  }
}
