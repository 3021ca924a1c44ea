package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rule that names what no checkpoint has is mistyped: it must not prune what was to be kept. */
class UnmatchedRulesTest {
  @TempDir Path directory;
  private String store;

  @BeforeEach
  void twoOfEachOfTwoKernels() throws IOException {
    store = Run.store(directory.resolve("store"));
    save("a1", "a", "good");
    save("a2", "a");
    save("b1", "b", "other");
    save("b2", "b", "other");
  }

  private void save(String name, String kernel, String... tags) throws IOException {
    Path state = Files.write(directory.resolve("state"), new byte[] {1, 2, 3});
    Run.rkcp("save", "-s", store, name, "--region", "x=" + state, "--kernel-id", kernel).done();
    for (String tag : tags) {
      Run.rkcp("tag", "-s", store, name, tag).done();
    }
  }

  private Run prune(Object... more) {
    Stream<Object> args = Stream.of("prune", "-s", store, "--keep-last", 1);
    return Run.rkcp(Stream.concat(args, Stream.of(more)).toArray());
  }

  private List<Object> names() {
    return StrictJson.array(Run.rkcp("ls", "-s", store, "--json").done().json()).stream()
        .map(listed -> StrictJson.object(listed).get("name"))
        .toList();
  }

  @Test
  void prunesNothingForATagThatNoCheckpointHas() {
    for (Run refused : List.of(prune("--keep-tag", "gud"), prune("--keep-tag", "gud", "a", "b"))) {
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.out()).isEmpty();
      assertThat(refused.err())
          .isEqualTo(
              "rkcp: no checkpoint has the tag 'gud', which --keep-tag asks for; there are 'good',"
                  + " 'other'; nothing was removed; if that is intended, give --allow-unmatched\n");
    }
    assertThat(names()).containsExactly("a1", "a2", "b1", "b2");
  }

  @Test
  void aDryRunRefusesItToo() {
    assertThat(prune("--keep-tag", "gud", "--dry-run").code()).isEqualTo(1);
  }

  @Test
  void looksAtTheTagsOfTheKernelsThatAreAskedFor() {
    Run refused = prune("--keep-tag", "good", "b");

    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("the tag 'good'", "there are 'other';");
  }

  @Test
  void prunesWhenOneKernelHasTheTag() {
    prune("--keep-tag", "good").done();

    assertThat(names()).containsExactly("a1", "a2", "b2");
  }

  @Test
  void prunesAllTheSameWhenItIsMeantSo() {
    prune("--keep-tag", "gud", "--keep-best", "loss", "--allow-unmatched").done();

    assertThat(names()).containsExactly("a2", "b2");
  }

  @Test
  void saysThatThereIsNoTagAtAll() {
    Run.rkcp("tag", "-s", store, "--remove", "a1", "good").done();

    assertThat(prune("--keep-tag", "good", "a").err()).contains("; none has any tag; ");
  }

  @Test
  void hasNothingToRefuseInAnEmptyStore() {
    Run.rkcp("rm", "-s", store, "a1", "a2", "b1", "b2").done();

    assertThat(prune("--keep-tag", "gud").done().out()).isEqualTo("removed 0 of 0 checkpoints\n");
  }
}
