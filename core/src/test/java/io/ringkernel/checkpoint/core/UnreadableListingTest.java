package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.StorageException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A listing of a store in which one thing can't be read. */
class UnreadableListingTest {
  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  @BeforeEach
  void save() {
    for (String name : List.of("a", "m", "z")) {
      try (Checkpoint state =
          Checkpoint.builder(CheckpointMetadata.builder(name, "type").build())
              .deviceMemory("p", ChunkContent.of(new byte[10]))
              .build()) {
        checkpointer.save(name, state).block(LONG);
      }
    }
  }

  private List<ListedCheckpoint> list() {
    return checkpointer.list("").collectList().block(LONG);
  }

  @Test
  void goesOnBehindWhatTheStorageRefusesToRead() {
    storage.refuseWhen(call -> call.operation().equals("read") && call.name().equals("m"));

    List<ListedCheckpoint> listed = list();

    assertThat(listed).extracting(ListedCheckpoint::name).containsExactly("a", "m", "z");
    assertThat(listed.get(1))
        .isInstanceOfSatisfying(
            UnreadableCheckpoint.class,
            unreadable -> assertThat(unreadable.problem()).isInstanceOf(StorageException.class));
  }

  @Test
  void goesOnWithoutAHeadThatTheStorageRefusesToRead() {
    storage.refuseWhen(call -> call.name().equals(StoreNames.head("m")));

    assertThat(list()).hasSize(3).allMatch(CheckpointInfo.class::isInstance);
  }

  @Test
  void endsWhenTheStorageFailsForTheMoment() {
    storage.failWhen(
        call -> call.operation().equals("read") && call.name().equals("m"),
        ScriptedStorage.Fault.FAIL);

    assertThatThrownBy(this::list).isInstanceOf(StorageException.class);
  }
}
