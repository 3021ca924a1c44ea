package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.GroupReceipt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups lie under names as checkpoints do, and the same commands work on them. */
class GroupCommandsTest {
  @TempDir Path directory;
  private String store;
  private GroupReceipt saved;

  @BeforeEach
  void saveAGroup() {
    store = Run.store(directory.resolve("store"));
    saved = SavedGroup.in(store, "room/lower", "upper");
  }

  private Run rkcp(String command, Object... more) {
    Stream<Object> args = Stream.of(command, "-s", store);
    return Run.rkcp(Stream.concat(args, Stream.of(more)).toArray());
  }

  /** So that nothing but the group itself leads to its members. */
  private void removeTheMembersOwnCheckpoints() {
    rkcp("rm", saved.members().stream().map(member -> member.checkpoint().name()).toArray()).done();
  }

  @Test
  void listsAGroupAmongTheCheckpoints() {
    List<String> lines = rkcp("ls").done().lines();
    Map<String, Object> group =
        StrictJson.array(rkcp("ls", "--json").done().json()).stream()
            .map(StrictJson::object)
            .filter(listed -> "group".equals(listed.get("kind")))
            .findFirst()
            .orElseThrow();

    assertThat(lines).hasSize(4);
    assertThat(lines)
        .filteredOn(line -> line.startsWith(saved.name()))
        .singleElement()
        .asString()
        .matches(".* +- +group +13 B .*UTC");
    assertThat(group).containsEntry("name", saved.name()).containsEntry("error", null);
    assertThat(StrictJson.array(group.get("members"))).hasSize(2);
  }

  @Test
  void showsTheMembersOfAGroup() {
    removeTheMembersOwnCheckpoints();

    String shown = rkcp("info", saved.name()).done().out();
    Map<String, Object> told =
        StrictJson.object(rkcp("info", saved.name(), "--json").done().json());

    assertThat(shown)
        .startsWith(saved.name() + "\n")
        .contains("group     \"room\"", "members   2", "13 B of state")
        .containsPattern("room/lower +half +7 +full +5 B")
        .containsPattern("upper +half +7 +full +8 B");
    assertThat(told).containsEntry("group", "room").containsEntry("kind", "group");
    rkcp("verify", saved.name(), "--full").done();
  }

  @Test
  void restoresAllMembersEachIntoADirectoryOfItsOwn() throws IOException {
    removeTheMembersOwnCheckpoints();
    Path to = directory.resolve("out");

    Map<String, Object> told =
        StrictJson.object(rkcp("restore", saved.name(), "--to", to, "--json").done().json());

    assertThat(to.resolve("room%2Flower/field.bin")).hasContent("below");
    assertThat(to.resolve("upper/field.bin")).hasContent("above it");
    assertThat(StrictJson.array(told.get("files")))
        .extracting(file -> StrictJson.object(file).get("kernel_id"))
        .containsExactly("room/lower", "upper");
  }

  @Test
  void restoresOneMember() {
    removeTheMembersOwnCheckpoints();
    Path to = directory.resolve("out");

    rkcp("restore", saved.name(), "--to", to, "--member", "upper").done();

    assertThat(to.resolve("field.bin")).hasContent("above it");
    assertThat(rkcp("cat", saved.name(), "--member", "upper", "--chunk", "field").done().out())
        .isEqualTo("above it");
    Path file = directory.resolve("upper.rkcp");
    rkcp("export", saved.name(), file, "--member", "upper").done();
    assertThat(Run.rkcp("cat", file, "--chunk", "field").done().out()).isEqualTo("above it");
  }

  @Test
  void saysWhoseMembersThereAreWhereOneIsNeeded() {
    for (Run run :
        List.of(
            rkcp("cat", saved.name(), "--chunk", "field"),
            rkcp("export", saved.name(), directory.resolve("x")))) {
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err())
          .isEqualTo(
              "rkcp: '"
                  + saved.name()
                  + "' is a group of the kernels 'room/lower', 'upper': say which by --member\n");
    }
    Run unknown = rkcp("restore", saved.name(), "--to", directory, "--member", "middle");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err()).contains("'middle'", "no member").hasLineCount(1);
    Run region = rkcp("restore", saved.name(), "--to", directory, "--region", "field");
    assertThat(region.code()).isEqualTo(2);
    assertThat(region.err()).contains("--member");
  }

  @Test
  void refusesWhatAGroupCanNotBePartOf() {
    for (Run run : List.of(rkcp("tag", saved.name(), "good"), rkcp("flatten", saved.name()))) {
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err()).contains("it is a group of these kernels").hasLineCount(1);
    }
  }

  @Test
  void removesAGroupAndLeavesItsMembers() throws IOException {
    rkcp("rm", saved.name()).done();

    assertThat(rkcp("ls").done().lines()).hasSize(3);
    assertThat(Files.exists(directory.resolve("store"))).isTrue();
  }
}
