package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.GroupReceipt;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group of two kernels is copied as a checkpoint is. */
class GroupCopyTest {
  @TempDir Path directory;
  private String store;
  private String other;
  private GroupReceipt saved;

  @BeforeEach
  void saveAGroup() {
    store = Run.store(directory.resolve("store"));
    other = Run.store(directory.resolve("other"));
    saved = SavedGroup.in(store, "lower", "upper");
  }

  private String member(int n) {
    return saved.members().get(n).checkpoint().name();
  }

  private static List<Object> names(String store) {
    return StrictJson.array(Run.rkcp("ls", "-s", store, "--json").done().json()).stream()
        .map(listed -> StrictJson.object(listed).get("name"))
        .toList();
  }

  private void assertRestored(String store, String name) throws IOException {
    Run.rkcp("gc", "-s", store, "--grace", 0).done();
    Path to = directory.resolve("out");
    Run.rkcp("restore", "-s", store, name, "--to", to).done();
    assertThat(to.resolve("lower/field.bin")).hasContent("below");
    assertThat(to.resolve("upper/field.bin")).hasContent("above it");
    assertThat(Run.rkcp("info", "-s", store, name).done().out()).contains(saved.cut().toString());
  }

  @Test
  void takesTheMembersAlong() throws IOException {
    String from = store + "#" + saved.name();

    String told = Run.rkcp("cp", from, other + "#").done().out();

    assertThat(told)
        .startsWith("copied " + from + " to " + other + "#" + saved.name() + ": ")
        .contains(" sent, group of 2 kernels, ")
        .hasLineCount(1);
    assertThat(names(other)).containsExactlyInAnyOrder(member(0), member(1), saved.name());
    assertRestored(other, saved.name());
    assertThat(Run.rkcp("cp", from, other + "#").done().out()).endsWith(" is there already\n");
  }

  @Test
  void goesUnderAnotherNameAndTellsSoAsJson() throws IOException {
    Map<String, Object> told =
        StrictJson.object(
            Run.rkcp("cp", store + "#" + saved.name(), other + "#archived", "--json")
                .done()
                .json());

    assertThat(told)
        .containsEntry("name", "archived")
        .containsEntry("kind", "group")
        .containsEntry("group", "room")
        .containsEntry("changed", true)
        .containsEntry("present_bytes", BigDecimal.ZERO);
    assertThat(StrictJson.array(told.get("members")))
        .extracting(member -> StrictJson.object(member).get("name"))
        .containsExactly(member(0), member(1));
    assertRestored(other, "archived");
  }

  @Test
  void comesWithAllThatIsInAStoreBehindItsMembers() throws IOException {
    List<String> lines = Run.rkcp("cp", "--all", store, other).done().lines();
    List<Map<String, Object>> again =
        StrictJson.array(Run.rkcp("cp", "--all", store, other, "--json").done().json()).stream()
            .map(StrictJson::object)
            .toList();

    assertThat(lines).hasSize(3);
    assertThat(lines.get(2))
        .startsWith("copied " + saved.name() + ": 0 B sent")
        .contains("group of 2 kernels");
    assertThat(again)
        .hasSize(3)
        .allMatch(one -> one.get("changed").equals(false) && one.get("error") == null);
    assertRestored(other, saved.name());
  }

  @Test
  void aPrefixThatBeginsTheGroupsNameBringsItsMembers() throws IOException {
    Run.rkcp("cp", "--all", store + "#room/", other).done();

    assertThat(names(other)).hasSize(3);
    assertRestored(other, saved.name());
  }

  @Test
  void isToldOfAndNotCopiedWhenAMemberIsDamaged() throws IOException {
    damage(saved.members().get(1).checkpoint().objectId().hex());

    Run run = Run.rkcp("cp", "--all", store, other);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).startsWith("copied " + member(0) + ": ").hasLineCount(1);
    assertThat(run.err().lines().toList())
        .hasSize(2)
        .anySatisfy(line -> assertThat(line).contains("'" + member(1) + "'"))
        .anySatisfy(line -> assertThat(line).contains("'" + saved.name() + "'", "'upper'"));
    assertThat(names(other)).containsExactly(member(0));
    Run one = Run.rkcp("cp", store + "#" + saved.name(), other + "#");
    assertThat(one.code()).isEqualTo(1);
    assertThat(one.err()).contains("'" + saved.name() + "'", "'upper'").hasLineCount(1);
  }

  private void damage(String object) throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("store/%2Erkcp/objects"))) {
      Path file = files.filter(one -> one.toString().contains(object)).findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length / 2] ^= 4;
      Files.write(file, bytes);
    }
  }
}
