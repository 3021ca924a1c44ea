package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of which kernels the removed checkpoints were. */
class JournalTest {
  private static final String RECORD = StoreNames.JOURNAL + "00000000000000000001-x";

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  private void save(String kernelId, String name) {
    try (Checkpoint state =
        Checkpoint.builder(CheckpointMetadata.builder(kernelId, "type").build())
            .deviceMemory("p", ChunkContent.of(new byte[10]))
            .build()) {
      checkpointer.save(name, state).block(LONG);
    }
  }

  private List<JournalRecord> journal() {
    return checkpointer.journal().collectList().block(LONG);
  }

  private void put(RecordWriter record) {
    storage.put(RECORD, new String(record.bytes(), StandardCharsets.US_ASCII));
  }

  private static RecordWriter record() {
    return record(1);
  }

  private static RecordWriter record(long at) {
    return new RecordWriter(RecordKind.JOURNAL)
        .numbers("at", at)
        .line("action", "prune")
        .line("policy", "keep last 1")
        .line("complete", "yes")
        .line("checkpoints", "a", "b", "c");
  }

  @Test
  void namesTheKernelOfEachCheckpointThatAPruningRemoved() {
    for (String kernel : List.of("", "a kernel", "b")) {
      for (int i = 0; i < 3; i++) {
        save(kernel, (kernel.isEmpty() ? "none" : kernel) + "/" + i);
      }
    }

    checkpointer.prune(RetentionPolicy.keepLast(1)).block(LONG);

    JournalRecord record = journal().get(0);
    assertThat(record.checkpoints())
        .containsExactly("none/1", "none/0", "a kernel/1", "a kernel/0", "b/1", "b/0");
    assertThat(record.kernels()).containsExactly("", "", "a kernel", "a kernel", "b", "b");
  }

  @Test
  void readsARecordThatTellsNoKernels() {
    put(record());

    assertThat(journal().get(0).kernels()).isEmpty();
    assertThat(journal().get(0).checkpoints()).containsExactly("a", "b", "c");
  }

  @Test
  void refusesATimeOfMoreThan63Bits() {
    put(record(Long.MIN_VALUE));

    assertThatThrownBy(this::journal)
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining(RECORD);
  }

  @ParameterizedTest
  @ValueSource(strings = {"k 2", "k 4", "k 3 l", "k 0", "k -1", "k 99999999999", "k 1 l 1"})
  void refusesKernelsThatAreNotOneForEachCheckpoint(String kernels) {
    put(record().line("kernels", kernels.split(" ")));

    assertThatThrownBy(this::journal)
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining(RECORD);
  }
}
