package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.ChangingKernel.BLOCK;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a save stores when the kernel was saved before. */
class DeltaTest {
  private final ScriptedStorage storage = new ScriptedStorage("memory:");

  /** A policy that looks at nothing that was measured. */
  private final Checkpointer checkpointer =
      Checkpointer.builder(storage)
          .fullPolicy(FullPolicy.defaults().maxRestoreCost(Double.POSITIVE_INFINITY))
          .build();

  private final ChangingKernel kernel =
      new ChangingKernel("fdtd").region("a", 20, 1).region("b", 10, 2);

  @AfterEach
  void close() {
    assertThat(kernel.open.get()).isZero();
    assertThat(storage.openBuffers.get()).isZero();
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  private SaveReceipt save() {
    kernel.step++;
    SaveReceipt receipt = checkpointer.save(kernel).block(LONG);
    assertThat(TestStates.loaded(checkpointer, receipt.name())).isEqualTo(kernel.bytes());
    assertThat(checkpointer.verify(receipt.name(), VerifyDepth.FULL).block(LONG).finding())
        .isNull();
    return receipt;
  }

  private static void isDelta(SaveReceipt receipt, SaveReceipt base, long changed) {
    assertThat(receipt.kind()).isEqualTo(CheckpointKind.DELTA);
    assertThat(receipt.base()).isEqualTo(base.objectId());
    assertThat(receipt.changed()).isEqualTo(changed);
    assertThat(receipt.stored()).isLessThan(changed + 3000);
    assertThat(receipt.notes()).isEmpty();
  }

  @Test
  void storesOnlyTheBlocksThatChanged() {
    SaveReceipt full = save();
    assertThat(full.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(full.base()).isNull();
    assertThat(full.changed()).isEqualTo(full.captured());

    kernel.touch("a", 3);
    kernel.touch("b", 9);

    isDelta(save(), full, 2 * BLOCK);
  }

  @Test
  void anEntryListsTheObjectsThatItsBlocksAreIn() {
    SaveReceipt first = save();
    kernel.touch("a", 0);
    SaveReceipt second = save();
    kernel.touch("a", 1);
    SaveReceipt third = save();
    kernel.touch("a", 1);
    SaveReceipt fourth = save();

    assertThat(ancestors(first)).isEmpty();
    assertThat(ancestors(second)).containsExactly(first.objectId());
    assertThat(ancestors(third)).containsExactlyInAnyOrder(first.objectId(), second.objectId());
    // Nothing of the third is left in the fourth.
    assertThat(ancestors(fourth)).containsExactlyInAnyOrder(first.objectId(), second.objectId());
    assertThat(fourth.base()).isEqualTo(third.objectId());
  }

  private List<ObjectId> ancestors(SaveReceipt receipt) {
    return checkpointer.info(receipt.name()).block(LONG).ancestors();
  }

  @Test
  void aRenamedRegionStoresNoData() {
    SaveReceipt full = save();
    kernel.regions.put("c", kernel.regions.remove("a"));

    isDelta(save(), full, 0);
  }

  @Test
  void otherOrderStoresNoData() {
    SaveReceipt full = save();
    kernel.regions.put("a", kernel.regions.remove("a"));

    isDelta(save(), full, 0);
  }

  @Test
  void movedBlocksStoreNoData() {
    SaveReceipt full = save();
    byte[] state = kernel.regions.get("a");
    byte[] moved = state.clone();
    System.arraycopy(state, 0, moved, BLOCK, 19 * BLOCK);
    System.arraycopy(state, 19 * BLOCK, moved, 0, BLOCK);
    kernel.regions.put("a", moved);

    isDelta(save(), full, 0);
  }

  @Test
  void aRegionThatGrowsStoresItsNewBlocksAndTheOneThatWasTheLast() {
    SaveReceipt full = save();
    kernel.regions.computeIfPresent("a", (name, bytes) -> Arrays.copyOf(bytes, 22 * BLOCK + 9));

    // Of the blocks behind the one that was the last, all bytes are zero but in no block of it.
    isDelta(save(), full, BLOCK);
  }

  @Test
  void aRegionThatShrinksStoresItsNewLastBlock() {
    SaveReceipt full = save();
    kernel.regions.computeIfPresent("a", (name, bytes) -> Arrays.copyOf(bytes, 11 * BLOCK + 9));

    isDelta(save(), full, 9);
  }

  @Test
  void aRegionThatAppearsIsStored() {
    SaveReceipt full = save();
    kernel.region("new", 2, 9);

    isDelta(save(), full, 2 * BLOCK + 17);
  }

  @Test
  void aRegionThatDisappearsStoresNothing() {
    SaveReceipt full = save();
    kernel.regions.remove("a");

    isDelta(save(), full, 0);
  }

  @Test
  void nothingChangedStoresAnIndexOnly() {
    SaveReceipt full = save();

    isDelta(save(), full, 0);
  }

  @Test
  void aBlockThatBecomesZeroTakesNoSpace() {
    SaveReceipt full = save();
    Arrays.fill(kernel.regions.get("a"), 0, BLOCK, (byte) 0);

    isDelta(save(), full, 0);
  }

  private static void isFullBecause(SaveReceipt receipt, String why) {
    assertThat(receipt.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(receipt.base()).isNull();
    assertThat(receipt.notes()).containsExactly("it is a full one: " + why);
  }

  @Test
  void aStateThatIsAllZeroNeedsNoBaseAndSaysSo() {
    kernel.regions.replaceAll((name, bytes) -> new byte[bytes.length]);
    kernel.control = new byte[100];
    assertThat(save().notes()).isEmpty();

    SaveReceipt second = save();

    isFullBecause(second, "all its bytes are zero, which take no space and need no base");
    assertThat(second.stored()).isLessThan(3000);
  }

  @Test
  void aStateOfWhichEverythingChangedSaysSo() {
    save();
    kernel.region("a", 20, 77).region("b", 10, 78);
    kernel.control = TestStates.random(100, 79);

    isFullBecause(save(), "it has no block in common with its base");
  }

  @Test
  void theIndexOfWhatWasJustWrittenIsNotReadBack() {
    checkpointer.save(kernel).block(LONG);
    storage.heal();
    kernel.touch("a", 3);
    checkpointer.save(kernel).block(LONG);

    assertThat(storage.count("read", ".rkcp/objects/")).isZero();
    assertThat(checkpointer.baseCacheStats().loads()).isZero();
    assertThat(checkpointer.baseCacheStats().hits()).isEqualTo(1);
  }

  @Test
  void anotherCheckpointerReadsTheBasesIndexAlone() {
    kernel.region("large", 200, 7);
    checkpointer.save(kernel).block(LONG);
    kernel.touch("large", 100);
    Checkpointer other = Checkpointer.builder(storage).build();
    storage.bytesRead.set(0);
    SaveReceipt receipt = other.save(kernel).block(LONG);

    assertThat(receipt.kind()).isEqualTo(CheckpointKind.DELTA);
    assertThat(storage.bytesRead.get()).isLessThan(100_000);
    assertThat(other.baseCacheStats().loads()).isEqualTo(1);
    other.close().block(LONG);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void savesAllWhenWhatItsBaseRefersToIsGone(boolean automatic) {
    SaveReceipt full = save();
    kernel.touch("a", 3);
    SaveReceipt delta = save();
    storage.delete(StoreNames.object(full.objectId())).block(LONG);

    Checkpointer other = Checkpointer.builder(storage).build();
    assertThat(other.verify(delta.name(), VerifyDepth.QUICK).block(LONG).finding())
        .isInstanceOf(BaseMismatchException.class)
        .hasMessageContaining(full.objectId().hex());
    BaseChoice base = automatic ? BaseChoice.automatic() : BaseChoice.latest();
    SaveReceipt next =
        other.save(kernel, SaveRequest.defaults().named("next").base(base)).block(LONG);
    assertThat(next.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(next.notes()).singleElement().asString().contains(full.objectId().hex());
    assertThat(TestStates.loaded(other, "next")).isEqualTo(kernel.bytes());
    other.close().block(LONG);
  }

  @Test
  void namesWhatIsMissingWhenTheBaseWasAskedFor() {
    SaveReceipt full = save();
    kernel.touch("a", 3);
    SaveReceipt delta = save();
    storage.delete(StoreNames.object(full.objectId())).block(LONG);

    Checkpointer other = Checkpointer.builder(storage).build();
    assertThatThrownBy(
            () ->
                other
                    .save(
                        kernel,
                        SaveRequest.defaults().named("n").base(BaseChoice.named(delta.name())))
                    .block(LONG))
        .isInstanceOf(BaseMismatchException.class)
        .hasMessageContaining(full.objectId().hex());
    other.close().block(LONG);
  }

  @Test
  void saysWhyACopyWithinTheStoreIsNoBase() {
    SaveReceipt full = save();
    checkpointer
        .fileContent(full.name())
        .flatMap(file -> checkpointer.importFile(file, SaveRequest.defaults().named("copy")))
        .block(LONG);
    kernel.step++;
    SaveReceipt next =
        checkpointer
            .save(kernel, SaveRequest.defaults().base(BaseChoice.named("copy")))
            .block(LONG);
    assertThat(next.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(next.notes()).singleElement().asString().contains("a second copy within this store");
  }

  @Test
  void flattenMakesADeltaSelfContainedWithTheSameState() {
    save();
    kernel.touch("a", 3);
    SaveReceipt delta = save();

    FlattenReceipt flat = checkpointer.flatten(delta.name()).block(LONG);

    assertThat(flat.isChanged()).isTrue();
    CheckpointInfo info = checkpointer.info(delta.name()).block(LONG);
    assertThat(info.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(info.ancestors()).isEmpty();
    assertThat(info.objectId()).isEqualTo(flat.objectId()).isNotEqualTo(delta.objectId());
    assertThat(info.sequence()).isEqualTo(delta.sequence());
    assertThat(TestStates.loaded(checkpointer, delta.name())).isEqualTo(kernel.bytes());
    assertThat(checkpointer.verify(delta.name(), VerifyDepth.FULL).block(LONG).finding()).isNull();
    assertThat(checkpointer.flatten(delta.name()).block(LONG).isChanged()).isFalse();
    kernel.touch("a", 4);
    assertThat(save().base()).isEqualTo(flat.objectId());
  }

  @Test
  void diffTellsWhichBlocksChanged() {
    SaveReceipt full = save();
    kernel.touch("a", 3);
    kernel.touch("a", 7);
    kernel.region("new", 2, 9);
    kernel.regions.remove("b");
    SaveReceipt delta = save();

    CheckpointDiff diff = checkpointer.diff(full.name(), delta.name()).block(LONG);

    assertThat(diff.chunks())
        .extracting(ChunkDiff::status)
        .containsExactly(
            ChunkDiff.Status.SAME,
            ChunkDiff.Status.CHANGED,
            ChunkDiff.Status.ADDED,
            ChunkDiff.Status.REMOVED);
    assertThat(diff.chunks().get(1).changed().stream().toArray()).containsExactly(3, 7);
    assertThat(diff.changedBytes()).isEqualTo(2L * BLOCK + 2 * BLOCK + 17);
  }

  @Test
  void diffTellsWhatGrewAndWhatShrank() {
    SaveReceipt before = save();
    int blocks = kernel.regions.get("a").length / BLOCK;
    resize("a", (blocks + 2) * BLOCK);
    resize("b", BLOCK);
    SaveReceipt after = save();

    CheckpointDiff diff = checkpointer.diff(before.name(), after.name()).block(LONG);

    ChunkDiff grown = diff.chunks().get(1);
    assertThat(grown.changed().stream().toArray())
        .as("the tail and what follows")
        .containsExactly(blocks, blocks + 1);
    ChunkDiff shrunk = diff.chunks().get(2);
    assertThat(shrunk.changed().stream().toArray()).isEmpty();
    assertThat(List.of(grown.status(), shrunk.status())).containsOnly(ChunkDiff.Status.CHANGED);
    assertThat(shrunk.sizeAfter()).isEqualTo(BLOCK);
  }

  private void resize(String region, int length) {
    kernel.regions.computeIfPresent(region, (name, bytes) -> Arrays.copyOf(bytes, length));
  }
}
