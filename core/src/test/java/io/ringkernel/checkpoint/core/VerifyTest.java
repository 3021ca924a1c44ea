package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.StorageException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerifyTest {
  private final ScriptedStorage storage = new ScriptedStorage("memory:");
  private final Checkpointer checkpointer = Checkpointer.builder(storage).parallelism(1).build();

  @AfterEach
  void close() {
    assertThat(storage.openBuffers).hasValue(0);
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  @ParameterizedTest
  @EnumSource(VerifyDepth.class)
  void findsNothingWrongWithWhatWasSaved(VerifyDepth depth) {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);

    VerifyReport report = checkpointer.verify("a", depth).block(LONG);

    assertThat(report).isEqualTo(new VerifyReport("a", depth, null));
  }

  @Test
  void readsTheStateOnlyInDepth() {
    SaveReceipt receipt = checkpointer.save("a", TestStates.of("fdtd", 1, 4_000_000)).block(LONG);

    storage.bytesRead.set(0);
    checkpointer.verify("a", VerifyDepth.QUICK).block(LONG);
    assertThat(storage.bytesRead).hasValueLessThan(200_000);

    storage.bytesRead.set(0);
    checkpointer.verify("a", VerifyDepth.FULL).block(LONG);
    assertThat(storage.bytesRead).hasValueGreaterThanOrEqualTo(receipt.stored() - 200_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void seesEveryFlippedByteOfAnObject(int version) {
    Checkpointer writer = Checkpointer.builder(storage).formatVersion(version).build();
    SaveReceipt receipt = writer.save("a", TestStates.of("fdtd", 1, 600)).block(LONG);
    writer.close().block(LONG);
    String object = StoreNames.object(receipt.objectId());
    byte[] file = BareFiles.stored(storage, object);
    for (int i = 0; i < file.length; i++) {
      file[i] ^= 0x10;
      BareFiles.put(storage, object, file);
      VerifyReport report = checkpointer.verify("a", VerifyDepth.FULL).block(LONG);
      assertThat(report.finding()).describedAs("byte %s", i).isNotNull();
      file[i] ^= 0x10;
    }
  }

  @Test
  void seesAnObjectThatIsAnother() {
    SaveReceipt one = checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    SaveReceipt two = checkpointer.save("b", TestStates.of("fdtd", 2)).block(LONG);
    BareFiles.put(
        storage,
        StoreNames.object(one.objectId()),
        BareFiles.stored(storage, StoreNames.object(two.objectId())));

    VerifyReport report = checkpointer.verify("a", VerifyDepth.QUICK).block(LONG);

    assertThat(report.finding())
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("its entry says");
    assertThatThrownBy(() -> checkpointer.load("a").block(LONG))
        .isInstanceOf(CorruptCheckpointException.class);
  }

  @Test
  void seesAnObjectThatIsGone() {
    SaveReceipt receipt = checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    storage.delete(StoreNames.object(receipt.objectId())).block(LONG);

    VerifyReport report = checkpointer.verify("a", VerifyDepth.QUICK).block(LONG);

    assertThat(report.finding())
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessageContaining(receipt.objectId().hex());
  }

  @Test
  void seesEveryFlippedByteOfAnEntry() {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    byte[] entry = BareFiles.stored(storage, "a");
    for (int i = 0; i < entry.length; i++) {
      entry[i] ^= 0x04;
      BareFiles.put(storage, "a", entry);
      assertThat(checkpointer.verify("a", VerifyDepth.QUICK).block(LONG).isWhole())
          .describedAs("byte %s", i)
          .isFalse();
      entry[i] ^= 0x04;
    }
  }

  @Test
  void failsWhereItCouldNotLook() {
    assertThatThrownBy(() -> checkpointer.verify("nothing", VerifyDepth.QUICK).block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class);
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    storage.failAt(0, 1000, ScriptedStorage.Fault.FAIL, true);
    assertThatThrownBy(() -> checkpointer.verify("a", VerifyDepth.QUICK).block(LONG))
        .isInstanceOf(StorageException.class);
  }
}
