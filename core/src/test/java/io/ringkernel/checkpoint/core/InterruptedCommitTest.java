package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.StoreFixture.names;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Named.named;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.core.ScriptedStorage.Call;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;

/** A writer that dies between the head, which is its commit, and the entry. */
class InterruptedCommitTest {
  private static final String KERNEL = "fdtd";

  private final ScriptedStorage storage = new ScriptedStorage("memory:");
  private Checkpointer dying;
  private Checkpointer other;

  @BeforeEach
  void open() {
    dying = Checkpointer.builder(storage).parallelism(1).build();
    other = Checkpointer.builder(storage).parallelism(1).build();
  }

  @AfterEach
  void close() {
    assertThat(storage.openBuffers).hasValue(0);
    dying.close().block(LONG);
    other.close().block(LONG);
    storage.close().block(LONG);
  }

  /** Commits a step under a name and dies before the entry is there. */
  private void dieCommitting(String kernelId, long step, String name) throws InterruptedException {
    AtomicBoolean committed = new AtomicBoolean();
    storage.failWhen(
        call -> {
          boolean itsHead = call.commits() && call.name().equals(StoreNames.head(kernelId));
          return committed.compareAndExchange(false, itsHead) && call.savesEntry();
        },
        Fault.HANG);
    Disposable save = dying.save(name, TestStates.of(kernelId, step)).subscribe();
    assertThat(storage.awaitHanging()).isTrue();
    storage.end(save);
  }

  private long loadedStep(String name) {
    return other.load(name).block(LONG).metadata().step();
  }

  @Test
  void isSeenByEveryReader() throws InterruptedException {
    dieCommitting(KERNEL, 5, "a/b");

    assertThat(loadedStep("a/b")).isEqualTo(5);
    assertThat(names(other)).containsExactly("a/b");
    assertThat(other.list("a/").count().block(LONG)).isEqualTo(1);
    assertThat(other.list("b").count().block(LONG)).isZero();
    assertThat(other.info("a/b").block(LONG).sequence()).isEqualTo(1);
    assertThat(other.verify("a/b", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
    StillKernel kernel = new StillKernel(KERNEL, 0);
    assertThat(other.restoreLatest(kernel).block(LONG).checkpoint().name()).isEqualTo("a/b");
    assertThat(kernel.restoredStep()).isEqualTo(5);
  }

  @Test
  void isSeenInPlaceOfWhatItReplaces() throws InterruptedException {
    other.save("a", TestStates.of(KERNEL, 1)).block(LONG);
    dieCommitting(KERNEL, 2, "a");

    assertThat(loadedStep("a")).isEqualTo(2);
    assertThat(other.list("").cast(CheckpointInfo.class).single().block(LONG).sequence())
        .isEqualTo(2);
  }

  @Test
  void isSeenInPlaceOfABareFile() throws InterruptedException {
    BareFiles.put(storage, "bare", TestStates.of(KERNEL, 1), 2);
    dieCommitting(KERNEL, 2, "bare");

    assertThat(loadedStep("bare")).isEqualTo(2);
  }

  @Test
  void isFinishedByTheNextSaveOfItsKernel() throws InterruptedException {
    dieCommitting(KERNEL, 5, "a");
    other.save("b", TestStates.of(KERNEL, 6)).block(LONG);

    assertThat(names(other)).containsExactly("a", "b");
    assertThat(loadedStep("a")).isEqualTo(5);
    assertThat(storage.stat("a").block(LONG).size()).isLessThan(4096);
  }

  @Test
  void isVoidOnceSomebodyElseHasTakenTheName() throws InterruptedException {
    dieCommitting(KERNEL, 5, "a");
    other.save("a", TestStates.of("another", 9)).block(LONG);

    assertThat(loadedStep("a")).isEqualTo(9);
    other.save("b", TestStates.of(KERNEL, 6)).block(LONG);
    assertThat(loadedStep("a")).isEqualTo(9);
    StillKernel kernel = new StillKernel(KERNEL, 0);
    other.restoreLatest(kernel).block(LONG);
    assertThat(kernel.restoredStep()).isEqualTo(6);
  }

  @Test
  void countsAsThereForASaveThatWantsTheNameFree() throws InterruptedException {
    dieCommitting(KERNEL, 5, "a");

    assertNotFreeFor(KERNEL);
    assertThat(loadedStep("a")).isEqualTo(5);
  }

  /** The other saw its head before this one's commit, and has no more than its placeholder yet. */
  @Test
  void losesAFreeNameToASaveThatIsAboutToTakeIt() {
    Slots slots = new Slots(new SmallObjects(storage));
    Placeholder another = Placeholder.of(ObjectId.random(), "another");
    storage.before(
        call -> call.savesEntry() && call.name().equals("a"),
        () ->
            slots.read("a").flatMap(slot -> slots.hold("a", another, slot.version())).block(LONG));

    assertThatThrownBy(
            () ->
                dying
                    .save(
                        TestStates.of(KERNEL, 1), SaveRequest.defaults().named("a").onlyIfAbsent())
                    .block(LONG))
        .isInstanceOf(AlreadyExistsException.class);
    assertGone("a");
  }

  @Test
  void isDeletedLikeAnyOther() throws InterruptedException {
    dieCommitting(KERNEL, 5, "a");

    assertThat(other.delete("a").block(LONG)).isTrue();
    assertGone("a");
    assertThat(objectsAfterACollection()).isZero();
    other.save("b", TestStates.of(KERNEL, 6)).block(LONG);
    assertGone("a");
  }

  @Test
  void isDeletedTogetherWithWhatItWouldHaveReplaced() throws InterruptedException {
    other.save("a", TestStates.of(KERNEL, 1)).block(LONG);
    dieCommitting(KERNEL, 2, "a");

    assertThat(other.delete("a").block(LONG)).isTrue();
    assertGone("a");
    assertThat(objectsAfterACollection()).isZero();
  }

  @Test
  void doesNotComeBackWhenTheLatestIsDeleted() {
    other.save("a", TestStates.of(KERNEL, 1)).block(LONG);
    other.delete("a").block(LONG);

    assertGone("a");
    other.save("b", TestStates.of(KERNEL, 2)).block(LONG);
    assertGone("a");
  }

  @Test
  void doesNotComeBackWhenItsWriterGoesOnAfterOthersWroteAndDeletedIt() {
    storage.before(
        call -> call.savesEntry() && call.name().equals("a"),
        () -> {
          other.save("b", TestStates.of(KERNEL, 2)).block(LONG);
          assertThat(loadedStep("a")).isEqualTo(1);
          assertThat(other.delete("a").block(LONG)).isTrue();
        });

    assertThatThrownBy(() -> dying.save("a", TestStates.of(KERNEL, 1)).block(LONG))
        .isInstanceOf(ChangedMeanwhileException.class);
    assertGone("a");
    other.save("c", TestStates.of(KERNEL, 3)).block(LONG);
    assertGone("a");
  }

  @Test
  void doesNotComeBackWhenItsWriterGoesOnAfterItWasDeletedUnwritten() {
    storage.before(
        call -> call.savesEntry() && call.name().equals("a"),
        () -> assertThat(other.delete("a").block(LONG)).isTrue());

    assertThatThrownBy(() -> dying.save("a", TestStates.of(KERNEL, 1)).block(LONG))
        .isInstanceOf(ChangedMeanwhileException.class);
    assertGone("a");
  }

  @Test
  void isSeenWhereAnotherKernelsSaveDiedBeforeItsCommit() throws InterruptedException {
    storage.failWhen(Call::commits, Fault.HANG);
    Disposable uncommitted = dying.save("a", TestStates.of("first", 1)).subscribe();
    assertThat(storage.awaitHanging()).isTrue();
    // The first replaces the other kernel's placeholder.
    AtomicInteger replacements = new AtomicInteger();
    storage.failWhen(call -> call.savesEntry() && replacements.incrementAndGet() == 2, Fault.HANG);
    Disposable committed = dying.save("a", TestStates.of("second", 2)).subscribe();
    assertThat(storage.awaitHanging()).isTrue();
    storage.failWhen(call -> true, Fault.HANG);
    uncommitted.dispose();
    committed.dispose();
    storage.heal();

    assertThat(loadedStep("a")).isEqualTo(2);
    assertThat(names(other)).containsExactly("a");
  }

  @Test
  void isListedThoughTheLastCommitsOfOtherKernelsWereUnderItsName() throws InterruptedException {
    for (String kernelId : List.of("g", "h", "i", "j", "k", "l")) {
      other.save("a", TestStates.of(kernelId, 1)).block(LONG);
    }
    other.delete("a").block(LONG);
    dieCommitting(KERNEL, 5, "a");

    assertThat(names(other)).containsExactly("a");
    assertThat(other.info("a").block(LONG).metadata().kernelId()).isEqualTo(KERNEL);
  }

  @Test
  void isNotLostWhenAnotherKernelsSaveOfItsNameDies() throws InterruptedException {
    dieCommitting(KERNEL, 5, "a");
    storage.failWhen(call -> call.commits() && call.name().endsWith("another"), Fault.HANG);
    Disposable save = dying.save("a", TestStates.of("another", 9)).subscribe();
    assertThat(storage.awaitHanging()).isTrue();
    storage.end(save);

    assertThat(loadedStep("a")).isEqualTo(5);
  }

  @Test
  void isNotVoidBecauseItsNameWaitedForAnotherKernelsCommit() throws InterruptedException {
    other.save("a", TestStates.of("first", 1)).block(LONG);
    dieCommitting("first", 2, "a");
    dieCommitting("second", 3, "a");
    StillKernel kernel = new StillKernel("second", 0);
    other.restoreLatest(kernel).block(LONG);
    assertThat(kernel.restoredStep()).isEqualTo(3);

    other.save("b", TestStates.of("first", 4)).block(LONG);

    other.restoreLatest(kernel).block(LONG);
    assertThat(kernel.restoredStep()).isEqualTo(3);
    other.save("c", TestStates.of("second", 5)).block(LONG);
    assertThat(loadedStep("a")).isEqualTo(3);
  }

  private void assertAllSee(String kernelId, long step) {
    storage.heal();
    assertThat(loadedStep("a")).isEqualTo(step);
    assertThat(storage.count("list", StoreNames.HEADS)).isZero();
    assertThat(storage.count("read", StoreNames.HEADS)).as("heads that a look-up reads").isOne();
    CheckpointInfo info = other.info("a").block(LONG);
    assertThat(info.metadata().step()).isEqualTo(step);
    assertThat(other.list("").collectList().block(LONG)).containsExactly(info.withCustom(Map.of()));
    StillKernel kernel = new StillKernel(kernelId, 0);
    other.restoreLatest(kernel).block(LONG);
    assertThat(kernel.restoredStep()).isEqualTo(step);
  }

  @Test
  void isSeenByEveryReaderInPlaceOfAnotherKernelsCheckpoint() throws InterruptedException {
    other.save("a", TestStates.of("first", 1)).block(LONG);
    dieCommitting("second", 2, "a");

    assertAllSee("second", 2);
    dieCommitting("third", 3, "a");
    assertAllSee("third", 3);
    dieCommitting("first", 4, "a");
    assertAllSee("first", 4);
  }

  @Test
  void isNotVoidWhenItIsTaggedInPlaceOfAnotherKernelsCheckpoint() throws InterruptedException {
    other.save("a", TestStates.of("first", 1)).block(LONG);
    dieCommitting("second", 2, "a");

    assertThat(other.tag("a", "t").block(LONG).metadata().step()).isEqualTo(2);

    assertThat(other.info("a").block(LONG).tags()).containsExactly("t");
    assertAllSee("second", 2);
  }

  @Test
  void isNotSeenInPlaceOfAnotherKernelsCheckpointBeforeItIsCommitted() throws InterruptedException {
    other.save("a", TestStates.of("first", 1)).block(LONG);
    storage.failWhen(call -> call.commits() && call.name().endsWith("second"), Fault.HANG);
    Disposable save = dying.save("a", TestStates.of("second", 2)).subscribe();
    assertThat(storage.awaitHanging()).isTrue();
    storage.end(save);

    assertAllSee("first", 1);
    other.save("a", TestStates.of("first", 3)).block(LONG);
    assertAllSee("first", 3);
  }

  private void assertNotFreeFor(String kernelId) {
    SaveRequest onlyIfFree = SaveRequest.defaults().named("a").onlyIfAbsent();
    assertThatThrownBy(() -> other.save(TestStates.of(kernelId, 9), onlyIfFree).block(LONG))
        .isInstanceOf(AlreadyExistsException.class);
  }

  /** What a group leaves under its name that died before its commit. */
  private void dieAsAGroup(String name) {
    Placeholder group = Placeholder.of(ObjectId.random(), null);
    new Slots(new SmallObjects(storage)).hold(name, group, null).block(LONG);
  }

  @Test
  void uponTheNameOfAGroupThatDiedIsThereForASaveThatWantsTheNameFree()
      throws InterruptedException {
    dieAsAGroup("a");
    dieCommitting("second", 2, "a");
    assertThat(loadedStep("a")).isEqualTo(2);

    assertNotFreeFor("first");
    assertAllSee("second", 2);
  }

  /** As an earlier build did, whose kernels went on with a group's placeholder. */
  @Test
  void uponAGroupsPlaceholderIsFinishedBeforeAnotherKernelTakesTheName()
      throws InterruptedException {
    dieCommitting("second", 2, "a");
    Slots slots = new Slots(new SmallObjects(storage));
    Slot own = slots.read("a").block(LONG);
    Placeholder group = Placeholder.of(ObjectId.random(), null);
    String version = slots.hold("a", group, own.version()).block(LONG).version();
    rebase("second", version);
    assertThat(loadedStep("a")).isEqualTo(2);

    assertNotFreeFor("first");
    assertAllSee("second", 2);
  }

  private void rebase(String kernelId, String base) {
    Heads heads = new Heads(storage, new SmallObjects(storage));
    Heads.Found found = heads.read(kernelId).block(LONG);
    Entry entry = found.head().latest().entry();
    heads.write(found, found.head().committed(new Head.Latest("a", base, entry))).block(LONG);
  }

  @Test
  void isFinishedBeforeAnotherKernelsIsToReplaceTheSameBareFile() throws InterruptedException {
    BareFiles.put(storage, "a", TestStates.of(KERNEL, 1), 2);
    dieCommitting("first", 2, "a");
    dieCommitting("second", 3, "a");

    assertAllSee("second", 3);
    other.collect(CollectOptions.defaults().grace(Duration.ZERO)).block(LONG);
    assertAllSee("second", 3);
  }

  @Test
  void isNotVoidWhenWhatItReplacesIsFencedForADeadFlatten() throws InterruptedException {
    other.save("a", TestStates.of("first", 1)).block(LONG);
    dieCommitting("second", 2, "a");
    ObjectId id = ObjectId.random();
    PinRecord pin = new PinRecord("first", "a", Duration.ofNanos(1000), 0, false, List.of(id));
    new SmallObjects(storage).write(StoreNames.pin(id), pin.encode(), null).block(LONG);
    Patience.until(
        "the dead flatten's pin is ended",
        () -> {
          other.collect(CollectOptions.defaults().grace(Duration.ZERO)).block(LONG);
          return !storage.exists(StoreNames.pin(id)).block(LONG);
        });

    assertAllSee("second", 2);
  }

  @Test
  void keepsTheTagsItWasSavedWith() throws InterruptedException {
    storage.failWhen(Call::savesEntry, Fault.HANG);
    Disposable save =
        dying
            .save(
                TestStates.of(KERNEL, 5),
                SaveRequest.defaults().named("a").tags(List.of("good", "x y")))
            .subscribe();
    assertThat(storage.awaitHanging()).isTrue();
    storage.end(save);

    assertThat(other.info("a").block(LONG).tags()).containsExactlyInAnyOrder("good", "x y");
    other.save("b", TestStates.of(KERNEL, 6)).block(LONG);
    assertThat(other.info("a").block(LONG).tags()).containsExactlyInAnyOrder("good", "x y");
  }

  @Test
  void ofAnImportIsSeenAndFinishedLikeAnyOther() throws InterruptedException {
    other.save("new", TestStates.of(KERNEL, 7)).block(LONG);
    ChunkContent file = ChunkContent.of(BareFiles.encoded(TestStates.of(KERNEL, 5), 2));
    storage.failWhen(Call::savesEntry, Fault.HANG);
    Disposable save = dying.importFile(file, SaveRequest.defaults().named("old")).subscribe();
    assertThat(storage.awaitHanging()).isTrue();
    storage.end(save);

    assertThat(loadedStep("old")).isEqualTo(5);
    assertThat(names(other)).containsExactly("new", "old");
    StillKernel kernel = new StillKernel(KERNEL, 0);
    assertThat(other.restoreLatest(kernel).block(LONG).checkpoint().name()).isEqualTo("new");
    other.save("next", TestStates.of(KERNEL, 8)).block(LONG);
    assertThat(loadedStep("old")).isEqualTo(5);
  }

  @Test
  void isNothingUntilItsHeadIsWritten() throws InterruptedException {
    storage.failWhen(Call::commits, Fault.HANG);
    Disposable save = dying.save("a", TestStates.of(KERNEL, 1)).subscribe();
    assertThat(storage.awaitHanging()).isTrue();
    assertThat(storage.exists("a").block(LONG)).isTrue();

    assertGone("a");
    assertThat(other.delete("a").block(LONG)).isFalse();
    assertThatThrownBy(() -> other.tag("a", "t").block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class);
    storage.end(save);
    assertThat(objectsAfterACollection()).isZero();
    assertThat(storage.exists("a").block(LONG)).isFalse();
    other
        .save(TestStates.of(KERNEL, 2), SaveRequest.defaults().named("a").onlyIfAbsent())
        .block(LONG);
    assertThat(loadedStep("a")).isEqualTo(2);
  }

  @Test
  void doesNotComeBackThroughAnotherKernelsHead() {
    other.save("a", TestStates.of("first", 1)).block(LONG);
    other.save("a", TestStates.of("second", 2)).block(LONG);
    other.delete("a").block(LONG);

    assertGone("a");
    other.save("b", TestStates.of("first", 3)).block(LONG);
    assertGone("a");
  }

  @Test
  void failsWhenItsNameWasTakenBetweenHeadAndEntry() throws InterruptedException {
    storage.failWhen(call -> call.savesEntry() && call.name().equals("a"), Fault.FAIL);
    // The entry's write fails three times; then the save ends well, with a note.
    SaveReceipt receipt = dying.save("a", TestStates.of(KERNEL, 1)).block(LONG);
    assertThat(receipt.notes()).singleElement().asString().contains("next save");
    storage.heal();
    assertThat(loadedStep("a")).isEqualTo(1);

    storage.put("a", "somebody else's");
    assertThatThrownBy(() -> other.load("a").block(LONG)).hasMessageContaining("neither");
    SaveReceipt next = other.save("b", TestStates.of(KERNEL, 2)).block(LONG);
    assertThat(next.sequence()).isEqualTo(2);
  }

  @Test
  void failsWhenItsNameIsTakenAfterTheCommit() {
    storage.before(
        call -> call.savesEntry() && call.name().equals("a"),
        () -> storage.put("a", "somebody else's"));

    assertThatThrownBy(() -> dying.save("a", TestStates.of(KERNEL, 1)).block(LONG))
        .isInstanceOfAny(AlreadyExistsException.class, ChangedMeanwhileException.class);
    // The commit may have been seen: its object is left for a collector.
    assertThat(storage.list(".rkcp/objects/").count().block(LONG)).isEqualTo(1);
  }

  static Stream<Named<UnaryOperator<Entry>>> marks() {
    return Stream.of(
        named("tagged", entry -> entry.withTags(new TreeSet<>(List.of("t")))),
        named("fenced", Entry::fenced),
        named("flattened", entry -> entry.withFile(entry.file().withId(ObjectId.random()))),
        named("marked for another kernel", entry -> entry.succeededBy("another")));
  }

  @ParameterizedTest
  @MethodSource("marks")
  void isDoneAgainWhenWhatItReplacesWasOnlyMarkedMeanwhile(UnaryOperator<Entry> mark) {
    Slots slots = new Slots(new SmallObjects(storage));
    other.save("a", TestStates.of(KERNEL, 1)).block(LONG);
    storage.before(
        Call::savesEntry,
        () -> {
          // By somebody who read the head before the commit.
          Slot.Managed seen = (Slot.Managed) slots.read("a").block(LONG);
          slots.write("a", mark.apply(seen.entry()), seen.version()).block(LONG);
        });

    SaveReceipt receipt = dying.save("a", TestStates.of(KERNEL, 2)).block(LONG);

    assertThat(receipt.sequence()).isEqualTo(3);
    assertThat(receipt.notes()).isEmpty();
    assertThat(loadedStep("a")).isEqualTo(2);
    assertThat(other.info("a").block(LONG).tags()).isEmpty();
    assertThat(objectsAfterACollection()).isOne();
    assertThat(other.save("b", TestStates.of(KERNEL, 3)).block(LONG).sequence()).isEqualTo(4);
  }

  private long objectsAfterACollection() {
    // The saver was cancelled, but its pin may not be released yet.
    Patience.until("no pin is left", () -> storage.list(".rkcp/pins/").count().block(LONG) == 0);
    other.collect(CollectOptions.defaults().grace(Duration.ZERO)).block(LONG);
    return storage.list(".rkcp/objects/").count().block(LONG);
  }

  private void assertGone(String name) {
    assertThatThrownBy(() -> other.load(name).block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessageContaining(name);
    assertThat(names(other)).doesNotContain(name);
  }
}
