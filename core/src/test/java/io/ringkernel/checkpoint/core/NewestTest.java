package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.InvalidNameException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which checkpoint is the newest: also after imports, and when the newest was removed. */
class NewestTest {
  private static final String KERNEL = "fdtd";

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  private SaveReceipt save(String name, long step) {
    return checkpointer.save(name, TestStates.of(KERNEL, step)).block(LONG);
  }

  private SaveReceipt copy(String from, String to) {
    return checkpointer
        .fileContent(from)
        .flatMap(file -> checkpointer.importFile(file, SaveRequest.defaults().named(to)))
        .block(LONG);
  }

  private SaveReceipt importStep(String name, long step) {
    ChunkContent file = ChunkContent.of(BareFiles.encoded(TestStates.of(KERNEL, step), 2));
    return checkpointer.importFile(file, SaveRequest.defaults().named(name)).block(LONG);
  }

  private String newest() {
    StillKernel kernel = new StillKernel(KERNEL, 0);
    return checkpointer.restoreLatest(kernel).block(LONG).checkpoint().name();
  }

  private SaveReceipt saveOnLatest(String name, long step) {
    SaveRequest request = SaveRequest.defaults().named(name).base(BaseChoice.latest());
    return checkpointer.save(TestStates.of(KERNEL, step), request).block(LONG);
  }

  /** The same state as an earlier step's, so that a delta on it stores nothing. */
  private SaveReceipt saveSameAs(long step, String name) {
    Checkpoint same = TestStates.of(KERNEL, step);
    SaveRequest request = SaveRequest.defaults().named(name).base(BaseChoice.latest());
    return checkpointer.save(same, request).block(LONG);
  }

  private List<String> kept(RetentionPolicy policy) {
    checkpointer.prune(policy).block(LONG);
    return checkpointer.list("").map(ListedCheckpoint::name).collectList().block(LONG);
  }

  @Test
  void isNotACopyOfAnOlderOne() {
    save("a", 1);
    SaveReceipt b = save("b", 5);

    SaveReceipt copied = copy("a", "copy");

    assertThat(copied.sequence()).isEqualTo(2);
    assertThat(checkpointer.info("copy").block(LONG).imported()).isTrue();
    assertThat(newest()).isEqualTo("b");
    assertThat(saveSameAs(5, "c").base()).isEqualTo(b.objectId());
    assertThat(kept(RetentionPolicy.builder().keepLast(2).build())).containsExactly("b", "c");
  }

  @Test
  void isNotACopyOfItself() {
    save("a", 1);
    SaveReceipt b = save("b", 5);

    copy("b", "z");

    assertThat(newest()).isEqualTo("b");
    assertThat(saveSameAs(5, "c").base()).isEqualTo(b.objectId());
  }

  @Test
  void isAnImportThatWasCapturedLater() {
    save("a", 1);
    SaveReceipt imported = importStep("from-elsewhere", 9);

    assertThat(newest()).isEqualTo("from-elsewhere");
    assertThat(saveSameAs(9, "c").base()).isEqualTo(imported.objectId());
  }

  @Test
  void isAnImportWhereThereIsNothingElse() {
    importStep("first", 5);
    importStep("older", 3);

    assertThat(newest()).isEqualTo("first");
    importStep("newer", 8);
    assertThat(newest()).isEqualTo("newer");
    assertThat(kept(RetentionPolicy.builder().keepLast(2).build()))
        .containsExactly("first", "newer");
  }

  @Test
  void isTheNextCommitWhateverAnImportSaysOfItsTime() {
    save("a", 1);
    importStep("from-the-future", 1_000);

    save("b", 2);

    assertThat(newest()).isEqualTo("b");
    assertThat(kept(RetentionPolicy.builder().keepLast(1).build())).containsExactly("b");
  }

  @Test
  void isACopyThatTookTheOriginalsPlace() {
    save("a", 1);
    save("b", 5);
    copy("b", "renamed");

    checkpointer.delete("b").block(LONG);

    assertThat(newest()).isEqualTo("renamed");
  }

  @Test
  void isTheNewestOfThoseThatRemain() {
    save("a", 1);
    SaveReceipt b = save("b", 5);
    save("c", 9);

    checkpointer.delete("c").block(LONG);

    assertThat(newest()).isEqualTo("b");
    SaveReceipt next = saveSameAs(5, "d");
    assertThat(next.kind()).isEqualTo(CheckpointKind.DELTA);
    assertThat(next.base()).isEqualTo(b.objectId());
    assertThat(next.sequence()).isEqualTo(4);
  }

  @Test
  void isFoundAgainWhenAnotherKernelTookItsName() {
    SaveReceipt a = save("a", 1);
    save("b", 5);
    checkpointer.save("b", TestStates.of("another", 7)).block(LONG);

    assertThat(saveSameAs(1, "c").base()).isEqualTo(a.objectId());
  }

  @Test
  void isNothingWhenAllWereRemoved() {
    save("a", 1);
    checkpointer.delete("a").block(LONG);

    assertThat(saveOnLatest("b", 2).kind()).isEqualTo(CheckpointKind.FULL);
  }

  @Test
  void isNotLookedForAmongAllNamesByAKernelsFirstSave() {
    storage.calls.clear();
    checkpointer.save(new StillKernel(KERNEL, 1)).block(LONG);

    assertThat(storage.calls)
        .noneMatch(call -> call.operation().equals("list") && call.name().isEmpty());
  }

  @Test
  void isReadFromTheHeadOnceToPlanOnceForThePinAndOnceToCommit() {
    StillKernel kernel = new StillKernel(KERNEL, 1);
    checkpointer.save(kernel).block(LONG);
    storage.calls.clear();

    SaveReceipt second = checkpointer.save(kernel).block(LONG);

    assertThat(second.kind()).isEqualTo(CheckpointKind.DELTA);
    assertThat(storage.count("read", ".rkcp/heads/")).isEqualTo(3);
  }

  @Test
  void standsFirstAmongThoseThatWereCapturedBefore() {
    List<CheckpointInfo> sorted =
        Newest.newestFirst(
            List.of(
                info("bare", false, 0, false, 99),
                info("commit-1", true, 1, false, 10),
                info("commit-3", true, 3, false, 20),
                info("commit-2", true, 2, false, 100),
                info("import-of-100", true, 2, true, 100),
                info("import-of-50", true, 3, true, 50),
                info("import-of-5", true, 3, true, 5),
                info("import-of-15", true, 3, true, 15),
                info("import-before-2", true, 1, true, 500)));

    assertThat(sorted)
        .extracting(CheckpointInfo::name)
        .containsExactly(
            "import-of-50",
            "commit-3",
            "commit-2",
            "import-before-2",
            "import-of-100",
            "import-of-15",
            "commit-1",
            "import-of-5",
            "bare");
  }

  @Test
  void isToldByCreationStepAndNameWhereLogicalTimesAreEqual() {
    assertThat(
            Newest.newestFirst(
                List.of(
                    bare("a", 1, 9),
                    bare("b", 2, 7),
                    bare("c", -1, 0),
                    bare("B", 2, 8),
                    bare("a/b", 2, -1),
                    bare("\ud83d\ude00", 2, 7),
                    bare("\uffee", 2, 7))))
        .extracting(CheckpointInfo::name)
        .containsExactly("c", "a/b", "B", "\ud83d\ude00", "\uffee", "b", "a");
  }

  private static CheckpointInfo bare(String name, long createdAtMicros, long step) {
    CheckpointMetadata metadata =
        TestStates.metadata(KERNEL, step).toBuilder()
            .hlc(new HlcTimestamp(1, 0, 0))
            .createdAtMicros(createdAtMicros)
            .build();
    return info(name, false, 0, false, metadata);
  }

  private static CheckpointInfo info(
      String name, boolean managed, long sequence, boolean imported, long time) {
    CheckpointMetadata metadata =
        TestStates.metadata(KERNEL, 1).toBuilder().hlc(new HlcTimestamp(time, 0, 0)).build();
    return info(name, managed, sequence, imported, metadata);
  }

  private static CheckpointInfo info(
      String name, boolean managed, long sequence, boolean imported, CheckpointMetadata metadata) {
    return new CheckpointInfo(
        name,
        managed,
        metadata,
        CheckpointKind.FULL,
        2,
        null,
        null,
        sequence,
        imported,
        java.util.OptionalLong.empty(),
        1,
        "none",
        Set.of(),
        false,
        List.of());
  }

  @Test
  void keepsTagsAndMarkOfASaveInOneCommit() {
    SaveRequest request = SaveRequest.defaults().named("a").tags(List.of("good")).savepoint(true);
    storage.calls.clear();
    checkpointer.save(TestStates.of(KERNEL, 1), request).block(LONG);

    CheckpointInfo info = checkpointer.info("a").block(LONG);
    assertThat(info.tags()).containsExactly("good");
    assertThat(info.savepoint()).isTrue();
    assertThat(storage.calls.stream().filter(ScriptedStorage.Call::savesEntry)).hasSize(1);
  }

  @Test
  void refusesATagThatCanNotBeOneBeforeAnythingIsRead() {
    storage.calls.clear();
    SaveRequest request = SaveRequest.defaults().named("a").tags(List.of("a\nb"));

    assertThatThrownBy(() -> checkpointer.save(TestStates.of(KERNEL, 1), request).block(LONG))
        .isInstanceOf(InvalidNameException.class);
    assertThat(storage.calls).isEmpty();
  }
}
