package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a save is compared with, and when it is a full one. */
class BaseChoiceTest {
  private final ScriptedStorage storage = new ScriptedStorage("memory:");
  private final List<Checkpointer> checkpointers = new ArrayList<>();
  private final ChangingKernel kernel = new ChangingKernel("fdtd").region("a", 20, 1);
  private final Checkpointer checkpointer = with(FullPolicy.defaults());

  private Checkpointer with(FullPolicy policy) {
    return with(built -> built.fullPolicy(policy.maxRestoreCost(Double.POSITIVE_INFINITY)));
  }

  private Checkpointer with(UnaryOperator<CheckpointerBuilder> settings) {
    Checkpointer made = settings.apply(Checkpointer.builder(storage)).build();
    checkpointers.add(made);
    return made;
  }

  @AfterEach
  void close() {
    checkpointers.forEach(one -> one.close().block(LONG));
    assertThat(kernel.open.get()).isZero();
    assertThat(storage.openBuffers.get()).isZero();
    storage.close().block(LONG);
  }

  private SaveReceipt save(Checkpointer by, String name, BaseChoice base) {
    SaveReceipt receipt =
        by.save(kernel, SaveRequest.defaults().named(name).base(base)).block(LONG);
    assertThat(TestStates.loaded(by, name)).isEqualTo(kernel.bytes());
    return receipt;
  }

  private static void isFull(SaveReceipt receipt, String note) {
    assertThat(receipt.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(receipt.base()).isNull();
    assertThat(receipt.notes()).singleElement().asString().contains("full").contains(note);
  }

  @Test
  void fullStoresEverything() {
    save(checkpointer, "one", BaseChoice.full());

    SaveReceipt again = save(checkpointer, "two", BaseChoice.full());
    assertThat(again.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(again.notes()).isEmpty();
  }

  @Test
  void latestIsTheKernelsLastCommitUnderWhateverName() {
    assertThat(save(checkpointer, "z", BaseChoice.latest()).notes())
        .singleElement()
        .asString()
        .contains("no checkpoint is known as its kernel's latest");
    SaveReceipt second = save(checkpointer, "a", BaseChoice.full());

    assertThat(save(checkpointer, "m", BaseChoice.latest()).base()).isEqualTo(second.objectId());
  }

  @Test
  void aNamedBaseIsTakenWhateverCameLater() {
    SaveReceipt first = save(checkpointer, "first", BaseChoice.full());
    kernel.touch("a", 3);
    save(checkpointer, "second", BaseChoice.full());

    SaveReceipt third = save(checkpointer, "third", BaseChoice.named("first"));
    assertThat(third.base()).isEqualTo(first.objectId());
    assertThat(checkpointer.info("third").block(LONG).ancestors())
        .containsExactly(first.objectId());
  }

  @Test
  void aNamedBaseMustBeThere() {
    assertThatThrownBy(() -> save(checkpointer, "a", BaseChoice.named("gone")))
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessageContaining("gone");
    assertThat(storage.count("save", ".rkcp/objects/")).isZero();
  }

  @Test
  void blocksOfAnotherKernelAreNeverTaken() {
    ChangingKernel other = new ChangingKernel("other").region("a", 20, 1);
    checkpointer.save(other, SaveRequest.defaults().named("other")).block(LONG);

    assertThatThrownBy(() -> save(checkpointer, "a", BaseChoice.named("other")))
        .isInstanceOf(BaseMismatchException.class)
        .hasMessageContaining("other")
        .hasMessageContaining("fdtd");
    assertThat(save(checkpointer, "b", BaseChoice.automatic()).kind())
        .isEqualTo(CheckpointKind.FULL);
  }

  @Test
  void anotherBlockSizeMakesAFullOne() {
    save(checkpointer, "one", BaseChoice.full());

    isFull(save(with(b -> b.blockSize(4096)), "two", BaseChoice.automatic()), "65536");
    isNoDiff("one", "two", "4096");
  }

  private void isNoDiff(String before, String after, String reason) {
    assertThatThrownBy(() -> checkpointer.diff(before, after).block(LONG))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("can't be compared")
        .hasMessageContaining(reason);
  }

  @Test
  void anotherFingerprintAlgorithmMakesAFullOne() {
    save(checkpointer, "one", BaseChoice.full());

    Checkpointer sha = with(b -> b.fingerprints(FingerprintAlgorithm.SHA_256));
    isFull(save(sha, "two", BaseChoice.latest()), "XXH3");
    assertThat(save(sha, "three", BaseChoice.latest()).kind()).isEqualTo(CheckpointKind.DELTA);
    isNoDiff("one", "two", "SHA_256");
  }

  @Test
  void theFirstDeltaOnABaseOfVersion1IsAFullOne() {
    save(with(b -> b.formatVersion(1)), "one", BaseChoice.full());

    isFull(save(checkpointer, "two", BaseChoice.automatic()), "version 1");
    isFull(save(checkpointer, "three", BaseChoice.named("one")), "version 1");
  }

  @Test
  void aBareFileIsNoBase() {
    try (Checkpoint state = kernel.state()) {
      BareFiles.put(storage, "bare", state, 2);
    }

    isFull(save(checkpointer, "two", BaseChoice.named("bare")), "bare");
  }

  @Test
  void aBaseWhoseObjectIsLostIsDoneWithout() {
    SaveReceipt first = save(checkpointer, "one", BaseChoice.full());
    storage.delete(StoreNames.object(first.objectId())).block(LONG);
    Checkpointer other = with(FullPolicy.defaults());

    isFull(save(other, "two", BaseChoice.automatic()), "base");
  }

  @Test
  void anIndexThatIsTooLargeForTheCacheMakesAFullOne() {
    Checkpointer small = with(b -> b.baseCacheBytes(100));
    save(small, "one", BaseChoice.full());

    isFull(save(small, "two", BaseChoice.automatic()), "block index");
  }

  @Test
  void thePolicyBoundsTheObjectsThatADeltaRefersTo() {
    Checkpointer two = with(FullPolicy.defaults().maxChain(2));
    List<CheckpointKind> kinds = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      kernel.touch("a", i);
      SaveReceipt receipt = save(two, "at" + i, BaseChoice.automatic());
      kinds.add(receipt.kind());
      assertThat(receipt.notes()).hasSize(i == 3 || i == 6 ? 1 : 0);
    }

    assertThat(kinds)
        .containsExactly(
            CheckpointKind.FULL,
            CheckpointKind.DELTA,
            CheckpointKind.DELTA,
            CheckpointKind.FULL,
            CheckpointKind.DELTA,
            CheckpointKind.DELTA,
            CheckpointKind.FULL);
  }

  @Test
  void thePolicyBoundsTheShareOfForeignBlocks() {
    Checkpointer half = with(FullPolicy.defaults().maxForeignShare(0.5));
    save(half, "one", BaseChoice.automatic());
    kernel.touch("a", 1);
    assertThat(save(half, "two", BaseChoice.automatic()).kind()).isEqualTo(CheckpointKind.DELTA);

    isFull(save(half, "three", BaseChoice.automatic()), "older objects");
  }

  @Test
  void alwaysFullReadsNothingToBeSo() {
    Checkpointer full = with(b -> b.fullPolicy(FullPolicy.alwaysFull()));
    save(full, "one", BaseChoice.automatic());
    storage.heal();

    SaveReceipt second = full.save(kernel, SaveRequest.defaults().named("two")).block(LONG);
    assertThat(second.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(second.notes()).isEmpty();
    assertThat(storage.count("read", ".rkcp/objects/")).isZero();
    assertThat(save(full, "three", BaseChoice.latest()).kind()).isEqualTo(CheckpointKind.DELTA);
  }

  @Test
  void aSavepointIsFullAndItsEntrySaysSo() {
    save(checkpointer, "one", BaseChoice.full());

    SaveReceipt receipt =
        checkpointer
            .save(
                kernel,
                SaveRequest.defaults().named("keep").base(BaseChoice.latest()).savepoint(true))
            .block(LONG);

    assertThat(receipt.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(checkpointer.info("keep").block(LONG).savepoint()).isTrue();
    assertThat(checkpointer.info("one").block(LONG).savepoint()).isFalse();
  }

  @Test
  void aMissingAncestorIsNamedByWhoeverNeedsIt() {
    SaveReceipt first = save(checkpointer, "one", BaseChoice.full());
    kernel.touch("a", 1);
    save(checkpointer, "two", BaseChoice.latest());
    storage.delete(StoreNames.object(first.objectId())).block(LONG);

    try (Checkpoint open = checkpointer.load("two").block(LONG)) {
      assertThatThrownBy(() -> TestStates.bytes(open))
          .isInstanceOf(BaseMismatchException.class)
          .hasMessageContaining(first.objectId().hex());
    }
    assertThat(checkpointer.verify("two", VerifyDepth.FULL).block(LONG).finding())
        .isInstanceOf(BaseMismatchException.class);
    assertThatThrownBy(() -> checkpointer.flatten("two").block(LONG))
        .isInstanceOf(BaseMismatchException.class);
  }

  @Test
  void aDeltaIsImportedWhereItsAncestorsAre() {
    SaveReceipt first = save(checkpointer, "one", BaseChoice.full());
    kernel.touch("a", 1);
    save(checkpointer, "two", BaseChoice.latest());

    checkpointer
        .fileContent("two")
        .flatMap(file -> checkpointer.importFile(file, SaveRequest.defaults().named("copy")))
        .block(LONG);

    assertThat(checkpointer.info("copy").block(LONG).ancestors()).containsExactly(first.objectId());
    assertThat(TestStates.loaded(checkpointer, "copy")).isEqualTo(kernel.bytes());

    ScriptedStorage elsewhere = new ScriptedStorage("memory:");
    Checkpointer target = Checkpointer.builder(elsewhere).build();
    checkpointers.add(target);
    assertThatThrownBy(
            () ->
                checkpointer
                    .fileContent("two")
                    .flatMap(file -> target.importFile(file, SaveRequest.defaults().named("copy")))
                    .block(LONG))
        .isInstanceOf(BaseMismatchException.class)
        .hasMessageContaining(first.objectId().hex());
  }
}
