package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of one checkpoint, and of many. */
class InfoTest {
  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void tellsTheEntriesOfOneAndNotThoseOfMany(int version) {
    Checkpointer writer = Checkpointer.builder(storage).formatVersion(version).build();
    writer.save("a", TestStates.of("fdtd", 7)).block(LONG);
    writer.close().block(LONG);

    CheckpointInfo info = checkpointer.info("a").block(LONG);
    CheckpointInfo listed = checkpointer.list("").cast(CheckpointInfo.class).blockLast(LONG);

    assertThat(info.metadata().custom()).containsExactly(entry("seed", "7"));
    assertThat(listed.metadata().custom()).isEmpty();
    assertThat(listed.withCustom(info.metadata().custom())).isEqualTo(info);
  }

  @Test
  void readsNoState() {
    checkpointer.save("a", TestStates.of("fdtd", 7, 4_000_000)).block(LONG);

    storage.bytesRead.set(0);
    checkpointer.info("a").block(LONG);

    assertThat(storage.bytesRead).hasValueLessThan(200_000);
  }

  @Test
  void saysThatItsObjectIsGone() {
    SaveReceipt saved = checkpointer.save("a", TestStates.of("fdtd", 7)).block(LONG);
    storage.delete(StoreNames.object(saved.objectId())).block(LONG);

    assertThatThrownBy(() -> checkpointer.info("a").block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessageContaining("'a'")
        .hasMessageContaining("leads nowhere");
  }

  @Test
  void namesTheOneWhoseEntriesAreDamaged() {
    SaveReceipt saved = checkpointer.save("a", TestStates.of("fdtd", 7)).block(LONG);
    String object = StoreNames.object(saved.objectId());
    byte[] file = BareFiles.stored(storage, object);
    file[70] ^= 1;
    BareFiles.put(storage, object, file);

    assertThatThrownBy(() -> checkpointer.info("a").block(LONG))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("'a': corrupt at offset");
  }
}
