package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.tck.fault.ForwardingStorage;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** A listing of a store in which one thing can't be read. */
class UnreadableListingTest {
  /** Refuses to read what has a name, as a file system does without permission. */
  private static final class Refusing extends ForwardingStorage {
    String refused = "";
    boolean isTransient;

    Refusing(CheckpointStorage inside) {
      super(inside);
    }

    @Override
    public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
      return name.startsWith(refused) && !refused.isEmpty()
          ? Mono.error(new StorageException("'" + name + "': denied", isTransient, null))
          : super.read(name, range, expectedVersion);
    }
  }

  private final Refusing storage = new Refusing(CheckpointStorages.open("memory:"));
  private final Checkpointer checkpointer = Checkpointer.builder(storage).parallelism(1).build();

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

  @AfterEach
  void close() {
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  private List<ListedCheckpoint> list() {
    return checkpointer.list("").collectList().block(LONG);
  }

  @Test
  void goesOnBehindWhatTheStorageRefusesToRead() {
    storage.refused = "m";

    List<ListedCheckpoint> listed = list();

    assertThat(listed).extracting(ListedCheckpoint::name).containsExactly("a", "m", "z");
    assertThat(listed.get(1))
        .isInstanceOfSatisfying(
            UnreadableCheckpoint.class,
            unreadable -> assertThat(unreadable.problem()).hasMessage("'m': denied"));
  }

  @Test
  void goesOnWithoutAHeadThatTheStorageRefusesToRead() {
    storage.refused = StoreNames.head("m");

    assertThat(list()).hasSize(3).allMatch(CheckpointInfo.class::isInstance);
  }

  @Test
  void endsWhenTheStorageFailsForTheMoment() {
    storage.refused = "m";
    storage.isTransient = true;

    assertThatThrownBy(this::list).isInstanceOf(StorageException.class);
  }
}
