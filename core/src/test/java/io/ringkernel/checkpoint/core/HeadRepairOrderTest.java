package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.StorageException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which checkpoint is newer than which, when the head that counted them was lost or put back. */
@Timeout(120)
class HeadRepairOrderTest {
  private static final String KERNEL = "fdtd";
  private static final String HEAD = StoreNames.head(KERNEL);

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  private void save(String... names) {
    for (String name : names) {
      checkpointer.save(name, TestStates.of(KERNEL, Long.parseLong(name))).block(LONG);
    }
  }

  private String newest() {
    StillKernel kernel = new StillKernel(KERNEL, 0);
    return checkpointer.restoreLatest(kernel).block(LONG).checkpoint().name();
  }

  private RepairReceipt repair() {
    return checkpointer.repair(KERNEL).block(LONG);
  }

  private byte[] head() {
    return BareFiles.stored(storage, HEAD);
  }

  private List<String> keptOfTheLast(int count) {
    checkpointer.prune(RetentionPolicy.keepLast(count)).block(LONG);
    return StoreFixture.names(checkpointer);
  }

  @Test
  void theNewestOfAHeadThatWasPutBackIsTheLastThatWasSaved() {
    save("1");
    byte[] earlier = head();
    save("2", "3");
    BareFiles.put(storage, HEAD, earlier);

    assertThat(repair().newest()).isEqualTo("3");
    assertThat(newest()).isEqualTo("3");
    save("4");
    assertThat(newest()).isEqualTo("4");
    assertThat(keptOfTheLast(2)).containsExactly("3", "4");
  }

  @Test
  void theNewestOfAHeadThatWasPutBackAndSavedUnderIsTheLastThatWasSaved() {
    save("1");
    byte[] earlier = head();
    save("2", "3", "4");
    BareFiles.put(storage, HEAD, earlier);
    save("5", "6");

    assertThat(repair().newest()).isEqualTo("6");
    assertThat(newest()).isEqualTo("6");
    save("7");
    assertThat(keptOfTheLast(4)).containsExactly("4", "5", "6", "7");
  }

  @Test
  void aPruningKeepsTheLastThatWereSavedBeforeARepair() {
    save("1", "2", "3");
    storage.delete(HEAD).block(LONG);
    save("4", "5");
    repair();
    save("6");

    assertThat(keptOfTheLast(3)).containsExactly("4", "5", "6");
    assertThat(keptOfTheLast(2)).containsExactly("5", "6");
  }

  @Test
  void aHeadThatHasCountedOnIsToldOfAndPutInOrder() {
    save("1", "2", "3");
    storage.delete(HEAD).block(LONG);
    save("4", "5", "6");

    assertThat(checkpointer.verifyHeads().blockFirst(LONG).finding())
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("has given one number to two commits")
        .hasMessageContaining("rkcp repair 'fdtd'");
    assertThat(keptOfTheLast(1)).hasSize(6);
    assertThat(repair().renumbered()).containsExactly("6", "5", "4");
    assertThat(checkpointer.verifyHeads().blockFirst(LONG).isWhole()).isTrue();
    assertThat(repair().isChanged()).isFalse();
    assertThat(keptOfTheLast(4)).containsExactly("3", "4", "5", "6");
  }

  @Test
  void whatWasSavedUnderAHeadThatWasLostTwiceIsInOrder() {
    save("1", "2", "3");
    storage.delete(HEAD).block(LONG);
    save("4", "5");
    storage.delete(HEAD).block(LONG);

    assertThat(keptOfTheLast(1)).hasSize(5);
    assertThat(repair().newest()).isEqualTo("5");
    assertThat(newest()).isEqualTo("5");
    assertThat(keptOfTheLast(3)).containsExactly("3", "4", "5");
  }

  @Test
  void theNumbersOfAHeadThatIsOnlyLostAreTrustedMoreThanClocksUntilAPersonHasLooked() {
    saveCreatedAt("a", 3_000_000);
    saveCreatedAt("b", 2_000_000); // by a clock that is behind
    storage.delete(HEAD).block(LONG);

    RepairReceipt repaired = repair();

    assertThat(repaired.renumbered()).isEmpty();
    assertThat(repaired.disputed()).isTrue();
    assertThat(newest()).isEqualTo("b");
    assertThat(keptOfTheLast(1)).containsExactly("a", "b");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aHeadThatWasLostTwiceIsDisputedThoughWhatToldSoIsRemoved(boolean putBack) {
    save("1");
    byte[] earlier = head();
    save("2", "3");
    checkpointer.delete(putBack ? "2" : "1").block(LONG);
    if (putBack) {
      BareFiles.put(storage, HEAD, earlier);
    } else {
      storage.delete(HEAD).block(LONG);
    }
    save("4");
    storage.delete(HEAD).block(LONG);
    List<String> all = putBack ? List.of("1", "3", "4") : List.of("2", "3", "4");
    assertThat(keptOfTheLast(1)).containsExactlyElementsOf(all);

    assertThat(repair().disputed()).isTrue();
    assertThat(keptOfTheLast(1)).containsExactlyElementsOf(all);
    assertThat(checkpointer.verifyHeads().blockFirst(LONG).finding())
        .hasMessageContaining("times of creation did not agree");

    RepairReceipt again = repair();
    assertThat(again.disputed()).isFalse();
    assertThat(again.newest()).isEqualTo("4");
    assertThat(newest()).isEqualTo("4");
    assertThat(keptOfTheLast(1)).containsExactly("4");
    assertThat(repair().isChanged()).isFalse();
  }

  private void saveCreatedAt(String name, long micros) {
    Checkpoint state = TestStates.of(KERNEL, 1);
    CheckpointMetadata metadata = state.metadata().toBuilder().createdAtMicros(micros).build();
    checkpointer.save(name, Checkpoint.of(metadata, state.chunks(), () -> {})).block(LONG);
  }

  @Test
  void creationCountsMoreThanALogicalTimeThatOnlySomeTell() {
    save("1");
    byte[] earlier = head();
    checkpointer
        .groups()
        .save("pair", List.of(new FieldKernel(KERNEL).kernel(), new FieldKernel("other").kernel()))
        .block(LONG);
    save("3");
    BareFiles.put(storage, HEAD, earlier);

    assertThat(repair().newest()).isEqualTo("3");
    assertThat(checkpointer.verifyHeads().all(HeadReport::isWhole).block(LONG)).isTrue();
  }

  @Test
  void anImportStandsWhereItWasCreated() {
    save("1", "2");
    storage.delete(HEAD).block(LONG);
    save("3");
    importCopy("3", "copy of 3");
    importCopy("1", "copy of 1");
    repair();
    save("4");

    assertThat(keptOfTheLast(3)).containsExactly("3", "4", "copy of 3");
    checkpointer.delete("3").block(LONG);
    checkpointer.delete("4").block(LONG);
    assertThat(newest()).isEqualTo("copy of 3");
  }

  private void importCopy(String from, String to) {
    checkpointer
        .fileContent(from)
        .flatMap(file -> checkpointer.importFile(file, SaveRequest.defaults().named(to)))
        .block(LONG);
  }

  @Test
  void tagsSavepointsAndDeltasStayWithTheirNumbersChanged() {
    save("1", "2");
    storage.delete(HEAD).block(LONG);
    save("3");
    SaveRequest request =
        SaveRequest.defaults().named("4").base(BaseChoice.latest()).tags(List.of("good"));
    checkpointer.save(TestStates.of(KERNEL, 3), request).block(LONG);
    CheckpointInfo before = checkpointer.info("4").block(LONG);
    repair();

    CheckpointInfo after = checkpointer.info("4").block(LONG);
    assertThat(after.sequence()).isEqualTo(4 + HeadRepair.GAP);
    assertThat(after.tags()).containsExactly("good");
    assertThat(after.kind()).isEqualTo(CheckpointKind.DELTA);
    assertThat(after.objectId()).isEqualTo(before.objectId());
    assertThat(checkpointer.verify("4", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
  }

  @Test
  void whatATaggerChangesMeanwhileGetsItsNumberAllTheSame() {
    save("1", "2");
    storage.delete(HEAD).block(LONG);
    save("3");
    storage.before(
        call -> call.savesEntry() && call.name().equals("3"),
        () -> checkpointer.tag("3", "good").block(LONG));

    assertThat(repair().newest()).isEqualTo("3");
    assertThat(checkpointer.info("3").block(LONG).sequence()).isGreaterThan(HeadRepair.GAP);
    assertThat(checkpointer.info("3").block(LONG).tags()).containsExactly("good");
  }

  @Test
  void aRepairThatDiesAmongItsWritesIsDoneByTheNext() {
    save("1", "2", "3");
    storage.delete(HEAD).block(LONG);
    save("4", "5");
    for (String dies : List.of("1", "5", "4", HEAD)) {
      storage.failWhen(
          call -> call.operation().equals("save") && call.name().equals(dies), Fault.FAIL);
      assertThatThrownBy(this::repair).isInstanceOf(StorageException.class);
      storage.heal();
    }

    assertThat(repair().newest()).isEqualTo("5");
    assertThat(newest()).isEqualTo("5");
    assertThat(keptOfTheLast(3)).containsExactly("3", "4", "5");
  }

  @Test
  void whatAnotherKernelHasCommittedUnderTheNameOfTheNewestStays() throws InterruptedException {
    save("1", "2");
    storage.delete(HEAD).block(LONG);
    save("3");
    commitOfAnotherInTheHeadAlone("3");

    RepairReceipt receipt = repair();

    assertThat(receipt.newest()).isEqualTo("2");
    assertThat(newest()).isEqualTo("2");
    assertThat(checkpointer.info("3").block(LONG).metadata().kernelId()).isEqualTo("another");
  }

  /** Another kernel's save under a name, whose writer ends before the entry is there. */
  private void commitOfAnotherInTheHeadAlone(String name) throws InterruptedException {
    storage.commitInTheHeadAlone(checkpointer, name, TestStates.of("another", 9));
  }

  @Test
  void aCommitThatStoodInTheHeadAloneThatWasReplacedDoesNotComeBack() throws InterruptedException {
    save("1");
    byte[] earlier = head();
    save("2");
    commitInTheHeadAlone("5", 5);
    BareFiles.put(storage, HEAD, earlier);

    RepairReceipt receipt = repair();

    assertThat(receipt.newest()).isEqualTo("2");
    assertThat(receipt.finished()).isEmpty();
    assertThat(receipt.undecided()).hasSize(1);
    assertThat(newest()).isEqualTo("2");
    assertThat(StoreFixture.names(checkpointer)).containsExactly("1", "2");
  }

  private void commitInTheHeadAlone(String name, long step) throws InterruptedException {
    storage.commitInTheHeadAlone(checkpointer, name, TestStates.of(KERNEL, step));
  }

  @Test
  void aHeadThatWaitsToPlaceItsLastCommitTellsThatAsTheNewest() throws InterruptedException {
    save("1");
    commitInTheHeadAlone("5", 5);

    assertThat(repair().isChanged()).isFalse();
    assertThat(repair().newest()).isEqualTo("5");
  }

  @Test
  void tellsWhatCanNotBeReadAndTakesItForTheNewestWhenItCan() {
    save("1", "2", "3");
    byte[] entry = BareFiles.stored(storage, "3");
    BareFiles.put(storage, "3", Arrays.copyOf(entry, entry.length - 9));
    storage.delete(HEAD).block(LONG);

    RepairReceipt receipt = repair();

    assertThat(receipt.newest()).isEqualTo("2");
    assertThat(receipt.unreadable())
        .singleElement()
        .satisfies(
            told -> {
              assertThat(told.name()).isEqualTo("3");
              assertThat(told.problem()).isInstanceOf(CorruptCheckpointException.class);
            });
    assertThat(newest()).isEqualTo("2");
    BareFiles.put(storage, "3", entry);
    assertThat(newest()).isEqualTo("3");
    assertThat(repair().unreadable()).isEmpty();
    assertThat(repair().newest()).isEqualTo("3");
  }

  @Test
  void keepsEverythingUntilItCouldReadAllThatItPutInOrder() {
    save("1", "2", "3");
    // No number is given twice.
    checkpointer.delete("1").block(LONG);
    checkpointer.delete("2").block(LONG);
    storage.delete(HEAD).block(LONG);
    save("4", "5");
    byte[] entry = BareFiles.stored(storage, "5");
    BareFiles.put(storage, "5", Arrays.copyOf(entry, entry.length - 9));

    assertThat(repair().newest()).isEqualTo("4");
    assertThat(repair().isChanged()).isTrue();
    BareFiles.put(storage, "5", entry);
    assertThat(keptOfTheLast(1)).hasSize(3);
    assertThat(checkpointer.verifyHeads().blockFirst(LONG).finding())
        .hasMessageContaining("was repaired while something under a name could not be read");

    assertThat(repair().newest()).isEqualTo("5");
    assertThat(newest()).isEqualTo("5");
    assertThat(checkpointer.verifyHeads().blockFirst(LONG).isWhole()).isTrue();
    assertThat(keptOfTheLast(2)).containsExactly("4", "5");
  }

  @Test
  void tellsWhatTheStorageRefusesToRead() {
    save("1", "2", "3");
    storage.delete(HEAD).block(LONG);
    storage.refuseWhen(call -> call.operation().equals("read") && call.name().equals("3"));

    RepairReceipt receipt = repair();

    assertThat(receipt.newest()).isEqualTo("2");
    assertThat(receipt.unreadable())
        .singleElement()
        .satisfies(told -> assertThat(told.problem()).isInstanceOf(StorageException.class));
    storage.heal();
    assertThat(newest()).isEqualTo("3");
  }

  @Test
  void anUnreadableNoteOfSomebodyIsNoCheckpoint() {
    save("1");
    storage.put("note", "to do: buy milk");
    storage.delete(HEAD).block(LONG);

    assertThat(repair().unreadable()).isEmpty();
  }
}
