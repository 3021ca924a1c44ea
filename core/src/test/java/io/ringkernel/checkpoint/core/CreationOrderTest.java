package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** In which order a repair numbers checkpoints anew. */
class CreationOrderTest {
  private static final long ABOVE = 100;

  private final Map<String, Slot.Managed> entries = new LinkedHashMap<>();

  private void add(
      String name, long sequence, boolean imported, long created, long hlc, long step) {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("fdtd", "type")
            .createdAtMicros(created)
            .hlc(new HlcTimestamp(hlc, 0, 0))
            .step(step)
            .build();
    StoredFile file =
        new StoredFile(
            ObjectId.random(),
            2,
            CheckpointKind.FULL,
            new RootHash("ab".repeat(32)),
            null,
            1,
            1,
            "none",
            List.of());
    CommitMark mark = new CommitMark(sequence, 0, ObjectId.random(), imported);
    entries.put(name, new Slot.Managed("version", Entry.of(file, metadata, mark, false)));
  }

  private List<String> renumbered() {
    return CreationOrder.renumbered(entries, ABOVE).stream()
        .map(one -> one.name() + " " + ((Slot.Managed) one.slot()).entry().mark().sequence())
        .toList();
  }

  @Test
  void isThatOfCreationThenOfTheLogicalTimeThenOfTheStep() {
    add("a-step-2", 1, false, 5, 2, 2);
    add("created-1", 1, false, 1, 9, 9);
    add("b-step-1", 1, false, 5, 2, 1);
    add("c-hlc-1", 1, false, 5, 1, 9);
    add("created-last", 1, false, -1, 0, 0);

    assertThat(renumbered())
        .containsExactly("created-last 104", "a-step-2 103", "b-step-1 102", "c-hlc-1 101");
    assertThat(CreationOrder.isToldByNumbers(entries.values())).isTrue();
  }

  @Test
  void putsACopyBelowTheCommitThatItIsOf() {
    add("early", 5, false, 1, 1, 1);
    add("a", 1, false, 5, 5, 5);
    add("copy", 1, true, 5, 5, 5);

    assertThat(renumbered()).containsExactly("a 101", "copy 5");
  }

  @Test
  void isThatOfTheNumbersThenOfTheNamesAmongEquals() {
    add("d", 1, false, 5, 5, 5);
    add("c", 2, false, 5, 5, 5);
    assertThat(renumbered()).isEmpty();

    add("b", 1, false, 5, 5, 5);
    assertThat(renumbered())
        .as("from the first on that is out of order")
        .containsExactly("c 102", "d 101");
  }

  @Test
  void isToldByTheNumbersOfCommitsAlone() {
    add("second", 3, false, 2, 0, 0);
    add("import", 5, true, 0, 0, 0);
    add("first", 2, false, 1, 0, 0);
    assertThat(CreationOrder.isToldByNumbers(entries.values())).isTrue();

    add("third", 1, false, 3, 0, 0);
    assertThat(CreationOrder.isToldByNumbers(entries.values())).isFalse();
  }
}
