package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.NoneRestorableException;
import io.ringkernel.checkpoint.error.StorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestoreTest {
  private static final String KERNEL = "fdtd";

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;
  private final StillKernel kernel = new StillKernel(KERNEL, 0);

  private SaveReceipt save(String name, long step) {
    return checkpointer.save(name, TestStates.of(KERNEL, step)).block(LONG);
  }

  /** Flips one bit in the middle of the object of a receipt. */
  private void damage(SaveReceipt receipt) {
    String object = StoreNames.object(receipt.objectId());
    byte[] bytes = BareFiles.stored(storage, object);
    bytes[bytes.length / 2] ^= 1;
    BareFiles.put(storage, object, bytes);
  }

  @Test
  void takesTheLastCommitWhateverItsStepAndName() {
    save("z", 100);
    save("a", 3);

    RestoreReceipt receipt = checkpointer.restoreLatest(kernel).block(LONG);

    assertThat(kernel.restoredStep()).isEqualTo(3);
    assertThat(kernel.state()).isEqualTo(TestStates.bytes(TestStates.of(KERNEL, 3)));
    assertThat(receipt.checkpoint().name()).isEqualTo("a");
    assertThat(receipt.restored()).isEqualTo(TestStates.of(KERNEL, 3).size());
    assertThat(receipt.verifiedFirst()).isTrue();
    assertThat(receipt.skipped()).isEmpty();
  }

  @Test
  void needsNoListingWhenTheLastCommitIsWhole() {
    save("z", 100);
    storage.heal();

    checkpointer.restoreLatest(kernel).block(LONG);

    assertThat(storage.count("list", "")).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void skipsDamagedOnesAndSaysWhy(boolean verifyFirst) {
    save("1", 1);
    SaveReceipt second = save("2", 2);
    SaveReceipt third = save("3", 3);
    damage(third);
    storage.delete(StoreNames.object(second.objectId())).block(LONG);
    RestoreOptions options =
        verifyFirst ? RestoreOptions.defaults() : RestoreOptions.defaults().verifyWhileRestoring();

    RestoreReceipt receipt = checkpointer.restoreLatest(kernel, options).block(LONG);

    assertThat(kernel.restoredStep()).isEqualTo(1);
    assertThat(receipt.skipped()).extracting(SkippedCheckpoint::name).containsExactly("3", "2");
    assertThat(receipt.skipped().get(0).reason()).isInstanceOf(CorruptCheckpointException.class);
    assertThat(receipt.skipped().get(1).reason()).isInstanceOf(CheckpointNotFoundException.class);
    assertThat(receipt.verifiedFirst()).isEqualTo(verifyFirst);
  }

  @Test
  void doesNotTouchTheKernelBeforeEveryByteIsVerified() {
    damage(save("1", 1));

    assertThatThrownBy(() -> checkpointer.restore(kernel, "1").block(LONG))
        .isInstanceOf(CorruptCheckpointException.class);
    assertThat(kernel.restoredStep()).isEqualTo(-1);
  }

  @Test
  void reportsAnEntryOfItsOwnThatCanNotBeRead() {
    save("1", 1);
    storage.put(StoreNames.madePrefix(KERNEL) + "broken", "rkcp-entry 1\nbroken\n");
    SaveReceipt last = save("2", 2);
    damage(last);

    RestoreReceipt receipt = checkpointer.restoreLatest(kernel).block(LONG);

    assertThat(receipt.skipped())
        .extracting(SkippedCheckpoint::name)
        .containsExactly("2", "fdtd/broken");
  }

  @Test
  void tellsThatNoneIsWholeFromThatThereIsNone() {
    damage(save("1", 1));
    damage(save("2", 2));

    assertThatThrownBy(() -> checkpointer.restoreLatest(kernel).block(LONG))
        .isInstanceOfSatisfying(
            NoneRestorableException.class,
            e -> {
              assertThat(e.subject()).isEqualTo(KERNEL);
              assertThat(e.reasons().keySet()).containsExactly("2", "1");
              assertThat(e.reasons().values())
                  .hasOnlyElementsOfType(CorruptCheckpointException.class);
            })
        .hasMessageContaining("the first of 2, '2'");
    assertThatThrownBy(() -> checkpointer.restoreLatest(new StillKernel("unknown", 0)).block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessageContaining("no checkpoint of this kernel");
  }

  @Test
  void endsWhenItIsTheStorageThatFails() {
    save("1", 1);
    save("2", 2);
    storage.failWhen(
        call -> call.operation().equals("read") && call.name().startsWith(".rkcp/objects"),
        ScriptedStorage.Fault.FAIL);

    assertThatThrownBy(() -> checkpointer.restoreLatest(kernel).block(LONG))
        .isInstanceOf(StorageException.class);
    assertThat(kernel.restoredStep()).isEqualTo(-1);
  }

  @Test
  void refusesAnotherType() {
    CheckpointMetadata other = CheckpointMetadata.builder(KERNEL, "another program").build();
    checkpointer.save("x", Checkpoint.builder(other).build()).block(LONG);

    assertThatThrownBy(() -> checkpointer.restoreLatest(kernel).block(LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("another program");
    assertThatThrownBy(() -> checkpointer.restore(kernel, "x").block(LONG))
        .isInstanceOf(KernelException.class);
  }

  @Test
  void refusesAnotherKernelUnlessAsked() {
    save("x", 4);
    StillKernel successor = new StillKernel("successor", 0);

    assertThatThrownBy(() -> checkpointer.restore(successor, "x").block(LONG))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("RestoreOptions.defaults().fromKernel(\"" + KERNEL + "\")");
    assertThat(successor.restoredStep()).isEqualTo(-1);

    RestoreOptions migration = RestoreOptions.defaults().fromKernel(KERNEL);
    checkpointer.restore(successor, "x", migration).block(LONG);
    assertThat(successor.restoredStep()).isEqualTo(4);
    StillKernel third = new StillKernel("third", 0);
    checkpointer.restoreLatest(third, migration).block(LONG);
    assertThat(third.restoredStep()).isEqualTo(4);
  }

  @Test
  void takesBareFilesByTheirClockWhenThereIsNoCommit() {
    BareFiles.put(storage, "older", bare(5, 10), 1);
    BareFiles.put(storage, "newer", bare(4, 11), 2);
    BareFiles.put(storage, "oldest", bare(6, 9), 2);

    RestoreReceipt receipt = checkpointer.restoreLatest(kernel).block(LONG);

    assertThat(receipt.checkpoint().name()).isEqualTo("newer");
    assertThat(receipt.checkpoint().managed()).isFalse();
    assertThat(kernel.restoredStep()).isEqualTo(4);
  }

  @Test
  void takesACommitBeforeABareFile() {
    save("managed", 1);
    BareFiles.put(storage, "bare", bare(9, 99), 2);

    assertThat(checkpointer.restoreLatest(kernel).block(LONG).checkpoint().name())
        .isEqualTo("managed");
  }

  private static Checkpoint bare(long step, long physical) {
    CheckpointMetadata metadata =
        TestStates.metadata(KERNEL, step).toBuilder().hlc(new HlcTimestamp(physical, 0, 0)).build();
    return Checkpoint.builder(metadata)
        .controlBlock(ChunkContent.of(TestStates.random(100, step)))
        .build();
  }

  @Test
  void restoresThoughTheHeadIsDamaged() {
    save("1", 1);
    save("2", 2);
    storage.put(StoreNames.head(KERNEL), "rkcp-head 1\nnonsense\n");

    assertThat(checkpointer.restoreLatest(kernel).block(LONG).checkpoint().name()).isEqualTo("2");
  }

  @Test
  void saysWhatToDoWithADamagedHead() {
    save("1", 1);
    storage.put(StoreNames.head(KERNEL), "rkcp-head 1\nnonsense\n");

    assertThatThrownBy(() -> save("2", 2))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("the head '" + StoreNames.head(KERNEL) + "' is damaged (")
        .hasMessageContaining("rkcp repair '" + KERNEL + "' (Checkpointer.repair) writes it anew");
    assertThatThrownBy(() -> checkpointer.collect(CollectOptions.defaults()).block(LONG))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("nothing is removed: the head '" + StoreNames.head(KERNEL))
        .hasMessageContaining("rkcp repair '" + KERNEL + "' (Checkpointer.repair) writes it anew");
    assertThat(checkpointer.restoreLatest(kernel).block(LONG).checkpoint().name()).isEqualTo("1");
  }
}
