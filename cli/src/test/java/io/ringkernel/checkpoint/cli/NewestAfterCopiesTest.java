package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is the newest, and what is tagged, after copies and removals. */
class NewestAfterCopiesTest {
  @TempDir Path directory;
  private String store;
  private Path state;

  @BeforeEach
  void save() throws IOException {
    store = Run.store(directory.resolve("store"));
    state = directory.resolve("state.raw");
    byte[] bytes = new byte[200_000];
    for (int step = 1; step <= 2; step++) {
      bytes[step * 70_000] = (byte) step;
      Files.write(state, bytes);
      save("step-" + step, "--step", step, "--tag", "t" + step);
    }
  }

  private Run save(String name, Object... more) {
    List<Object> all =
        new java.util.ArrayList<>(
            List.of("save", "-s", store, name, "--region", "grid=" + state, "--kernel-id", "sim"));
    all.addAll(List.of(more));
    return Run.rkcp(all.toArray()).done();
  }

  private Map<String, Object> saveOnLatest(String name) {
    return StrictJson.object(save(name, "--step", 3, "--base", "latest", "--json").json());
  }

  private Map<String, Object> info(String in, String name) {
    return StrictJson.object(Run.rkcp("info", "-s", in, name, "--json").done().json());
  }

  @Test
  void aCopyOfAnOlderOneIsNoBase() {
    Run.rkcp("cp", "-s", store, "step-1", "kept").done();

    assertThat(saveOnLatest("step-3"))
        .containsEntry("kind", "delta")
        .containsEntry("base_object_id", info(store, "step-2").get("object_id"));
  }

  @Test
  void afterTheNewestWasRemovedTheOneBeforeIsTheBase() {
    Run.rkcp("rm", "-s", store, "step-2").done();

    assertThat(saveOnLatest("step-3"))
        .containsEntry("kind", "delta")
        .containsEntry("base_object_id", info(store, "step-1").get("object_id"));
  }

  @Test
  void aCopyKeepsTagsAndTheMarkOfASavepoint() {
    String other = Run.store(directory.resolve("other"));
    save("safe", "--savepoint", "--tag", "a b");

    Run.rkcp("cp", store + "#safe", other + "#").done();

    assertThat(info(other, "safe"))
        .containsEntry("tags", List.of("a b"))
        .containsEntry("savepoint", true)
        .containsEntry("imported", true);
  }
}
