package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kernel's head that is damaged or gone: what {@code verify} tells and {@code repair} does. */
class RepairTest {
  @TempDir Path directory;
  private Path heads;
  private String store;

  @BeforeEach
  void saveTwoKernels() throws IOException {
    store = Run.store(directory.resolve("store"));
    heads = directory.resolve("store").resolve("%2Erkcp").resolve("heads");
    save("a", "wave");
    save("b", "wave");
    save("c", "other");
  }

  private Run save(String name, String kernel) throws IOException {
    Path state = Files.writeString(directory.resolve("state"), name);
    return Run.rkcp("save", "-s", store, name, "--kernel-id", kernel, "--region", "r=" + state)
        .done();
  }

  private Path head(String kernel) {
    return heads.resolve(kernel + ".rkcp");
  }

  private void damage(String kernel) throws IOException {
    Files.write(head(kernel), new byte[(int) Files.size(head(kernel))]);
  }

  @Test
  void verifyTellsOfADamagedHeadAndWhatToDo() throws IOException {
    Run.rkcp("verify", "-s", store, "--all").done();
    damage("wave");

    Run run = Run.rkcp("verify", "-s", store, "--all");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.lines()).hasSize(4).startsWith("ok       a", "ok       b", "ok       c");
    assertThat(run.lines().get(3))
        .startsWith("DAMAGED  .rkcp/heads/wave: corrupt at offset 0: the head '.rkcp/heads/wave'")
        .contains("rkcp repair 'wave'");
    assertThat(run.err()).isEqualTo("rkcp: 1 of 4 did not verify\n");
    assertThat(Run.rkcp("verify", "-s", store, "a", "b").done().lines()).hasSize(2);
  }

  @Test
  void verifyTellsOfAMissingHeadAsJson() throws IOException {
    Files.delete(head("wave"));

    Run run = Run.rkcp("verify", "-s", store, "--all", "--json");

    assertThat(run.code()).isEqualTo(1);
    List<Object> told = StrictJson.array(run.json());
    assertThat(told).hasSize(4);
    assertThat(StrictJson.object(told.get(0))).containsEntry("kernel", null);
    Map<String, Object> head = StrictJson.object(told.get(3));
    assertThat(head)
        .containsEntry("name", ".rkcp/heads/wave")
        .containsEntry("kernel", "wave")
        .containsEntry("whole", false)
        .containsEntry("offset", null);
    assertThat((String) head.get("error")).contains("is missing").contains("rkcp repair 'wave'");
  }

  @Test
  void pruneLeavesAKernelAloneWhoseHeadIsDamagedAndSaysSo() throws IOException {
    damage("wave");
    for (Run run :
        List.of(
            Run.rkcp("prune", "-s", store, "--keep-last", 1),
            Run.rkcp("prune", "-s", store, "--keep-last", 1, "--dry-run"),
            Run.rkcp("prune", "-s", store, "--keep-last", 9, "wave"))) {
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err())
          .contains("the head '.rkcp/heads/wave' is damaged", "rkcp repair 'wave'")
          .hasLineCount(1);
      assertThat(run.out())
          .contains("which is newer is unknown")
          .contains(" 0 of ")
          .doesNotContain("the newest that can be restored; which");
    }
    Run json = Run.rkcp("prune", "-s", store, "--keep-last", 1, "--json");
    assertThat(json.code()).isEqualTo(1);
    List<Object> told = StrictJson.array(json.json());
    Map<String, Object> head = StrictJson.object(told.get(told.size() - 1));
    assertThat(head).containsEntry("name", ".rkcp/heads/wave").containsEntry("kernel_id", "wave");
    assertThat((String) head.get("error")).contains("is damaged");

    Run.rkcp("prune", "-s", store, "--keep-last", 1, "other").done();
  }

  @Test
  void theNotesOfASaveAfterALostHeadAgree() throws IOException {
    Files.delete(head("wave"));
    Path state = Files.writeString(directory.resolve("state"), "new");

    List<String> told =
        Run.rkcp(
                "save",
                "-s",
                store,
                "d",
                "--kernel-id",
                "wave",
                "--base",
                "latest",
                "--region",
                "r=" + state)
            .done()
            .lines();

    assertThat(told).hasSize(3);
    assertThat(told.get(1))
        .isEqualTo("note: it is a full one: no checkpoint is known as its kernel's latest");
    assertThat(told.get(2))
        .startsWith(
            "note: there are checkpoints of this kernel that its head does not know of: the head"
                + " '.rkcp/heads/wave' counts 1 commit, but a checkpoint is of commit 2")
        .contains("what is saved now counts as older");
  }

  @Test
  void writesAHeadAnewSoThatSavesAndCollectionsGoOn() throws IOException {
    damage("wave");
    Run refused = Run.rkcp("gc", "-s", store);
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("rkcp repair 'wave'").hasLineCount(1);

    assertThat(Run.rkcp("repair", "-s", store, "wave", "other").done().lines())
        .containsExactly(
            "repaired the head of kernel 'wave'; its newest checkpoint: 'b'",
            "what was wrong: corrupt at offset 0: the head '.rkcp/heads/wave' is damaged (in the"
                + " record rkcp-head: it does not begin with 'rkcp-head')",
            "the head of kernel 'other' is whole; nothing was changed");

    Run.rkcp("verify", "-s", store, "--all").done();
    save("0", "wave");
    Run.rkcp("prune", "-s", store, "--keep-last", 1, "wave").done();
    Run.rkcp("gc", "-s", store, "--grace", 0).done();
    assertThat(Run.rkcp("ls", "-s", store).done().lines().stream().map(line -> line.charAt(0)))
        .contains('0', 'c')
        .doesNotContain('a', 'b');
    Run.rkcp("verify", "-s", store, "--all", "--full").done();
  }

  @Test
  void tellsWhatMayBeOfALostSaveAsJson() throws IOException {
    save("d", "wave");
    // As after a writer that was killed before it wrote the entry.
    Files.delete(directory.resolve("store").resolve("d.rkcp"));
    damage("wave");

    Run run = Run.rkcp("repair", "-s", store, "wave", "--json").done();

    Map<String, Object> told = StrictJson.object(StrictJson.array(run.json()).get(0));
    assertThat(told)
        .containsEntry("kernel", "wave")
        .containsEntry("head", ".rkcp/heads/wave")
        .containsEntry("changed", true)
        .containsEntry("newest", "b")
        .containsEntry("finished", List.of())
        .containsEntry("error", null);
    String object = (String) StrictJson.array(told.get("undecided")).get(0);
    Path file =
        heads.resolveSibling("objects").resolve(object.substring(0, 2)).resolve(object + ".rkcp");
    Run.rkcp("cp", file, store + "#rescued").done();
    assertThat(Run.rkcp("cat", "-s", store, "rescued", "--chunk", "r").done().out()).isEqualTo("d");
    damage("wave");
    assertThat(Run.rkcp("repair", "-s", store, "wave").done().lines()).hasSize(2);
  }

  @Test
  void tellsWhatCanNotBeReadAndMayBeTheNewest() throws IOException {
    damage("wave");
    Files.writeString(directory.resolve("store").resolve("b.rkcp"), "rkcp-entry 1\nobject");

    Run run = Run.rkcp("repair", "-s", store, "wave").done();

    assertThat(run.lines().get(0)).endsWith("its newest checkpoint: 'a'");
    assertThat(run.lines().get(2))
        .isEqualTo(
            "note: what is under 'b' can't be read, and may be a newer checkpoint of this kernel;"
                + " repair again when it can: corrupt at offset 19: in the record rkcp-entry: it is"
                + " cut off");
    Run again = Run.rkcp("repair", "-s", store, "wave", "--json").done();
    Map<String, Object> told = StrictJson.object(StrictJson.array(again.json()).get(0));
    assertThat(StrictJson.object(StrictJson.array(told.get("unreadable")).get(0)))
        .containsEntry("name", "b")
        .extractingByKey("error")
        .asString()
        .contains("it is cut off");
  }

  @Test
  void aHeadThatWasPutBackLeavesTheNewestTheNewest() throws IOException {
    byte[] earlier = Files.readAllBytes(head("wave"));
    save("d", "wave");
    Files.write(head("wave"), earlier);
    Run saved = save("e", "wave");
    assertThat(saved.err()).isEmpty();

    assertThat(Run.rkcp("repair", "-s", store, "wave").done().lines())
        .contains("numbered anew, in the order of their creation: 'e'")
        .first()
        .isEqualTo("repaired the head of kernel 'wave'; its newest checkpoint: 'e'");

    save("f", "wave");
    Run.rkcp("prune", "-s", store, "--keep-last", 3, "wave").done();
    assertThat(Run.rkcp("ls", "-s", store).done().lines().stream().map(line -> line.charAt(0)))
        .contains('c', 'd', 'e', 'f')
        .doesNotContain('a', 'b');
  }

  @Test
  void aSaveUnderAMissingHeadTellsOfTheCheckpointsThatThereAreAndOfRepair() throws IOException {
    Files.delete(head("wave"));

    assertThat(save("d", "wave").out())
        .contains("checkpoints of this kernel that its head does not know of")
        .contains("rkcp repair 'wave'");
  }

  @Test
  void goesOnBehindAKernelThatIsNotThere() throws IOException {
    damage("wave");

    Run run = Run.rkcp("repair", "-s", store, "wavy", "wave", "--json");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("rkcp: 'wavy': the store has neither a head nor a checkpoint of this kernel\n");
    List<Object> told = StrictJson.array(run.json());
    assertThat(StrictJson.object(told.get(0)))
        .containsEntry("kernel", "wavy")
        .containsEntry("changed", false);
    assertThat((String) StrictJson.object(told.get(0)).get("error")).contains("neither a head");
    assertThat(StrictJson.object(told.get(1))).containsEntry("changed", true);
  }

  @Test
  void aPlaceholderOfItsKernelNamesTheDamagedHead() throws IOException {
    String text = "rkcp-placeholder 1\npin " + "0a".repeat(16) + "\nkernel-id wave\n";
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.US_ASCII));
    Files.writeString(
        directory.resolve("store").resolve("d.rkcp"),
        text + "crc32 " + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n");
    assertThat(Run.rkcp("info", "-s", store, "d").err()).contains("nothing is stored");
    damage("wave");

    Run run = Run.rkcp("info", "-s", store, "d");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .contains("whether a checkpoint is under 'd' can't be told")
        .contains("the head '.rkcp/heads/wave' is damaged")
        .contains("rkcp repair 'wave'")
        .hasLineCount(1);
  }
}
