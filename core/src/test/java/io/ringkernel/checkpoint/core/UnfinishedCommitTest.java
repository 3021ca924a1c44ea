package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.StoreFixture.AT_ONCE;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.ScriptedStorage.Call;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What collections make of commits whose entries are not under their names yet. */
@Timeout(120)
class UnfinishedCommitTest {
  private static final String KERNEL = "fdtd";

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  private ObjectId save(String name, String kernelId, long step) {
    return checkpointer.save(name, TestStates.of(kernelId, step)).block(LONG).objectId();
  }

  /** Commits a step under a name and dies before the entry is there. */
  private void dieCommitting(String name, String kernelId, long step) throws InterruptedException {
    storage.commitInTheHeadAlone(checkpointer, name, TestStates.of(kernelId, step));
    Patience.until("the pin is gone", () -> store.count(StoreNames.PINS) == 0);
  }

  private CollectReport collect() {
    return checkpointer.collect(AT_ONCE).block(LONG);
  }

  private static List<ObjectId> removed(CollectReport report) {
    return report.removed().stream().map(CollectReport.Garbage::id).toList();
  }

  private void assertHolds(String name, String kernelId, long step) {
    assertThat(TestStates.loaded(checkpointer, name))
        .isEqualTo(TestStates.bytes(TestStates.of(kernelId, step)));
  }

  @Test
  void keepsItsObjects() throws InterruptedException {
    dieCommitting("a", KERNEL, 1);

    assertThat(collect().removed()).isEmpty();
    assertHolds("a", KERNEL, 1);
  }

  @Test
  void leavesAVoidOneVoidAndRemovesItsObjects() throws InterruptedException {
    dieCommitting("a", KERNEL, 1);
    storage.put("a", "somebody else's");

    assertThat(collect().removed()).hasSize(1);
    storage.delete("a", null).block(LONG);
    assertThat(checkpointer.list("").count().block(LONG)).isZero();
  }

  @Test
  void removesWhatItReplacesThoughItsKernelIsNeverSavedAgain() throws InterruptedException {
    ChangingKernel kernel = new ChangingKernel(KERNEL).region("p", 8, 1);
    ObjectId base =
        checkpointer.save(kernel, SaveRequest.defaults().named("a")).block(LONG).objectId();
    kernel.touch("p", 3);
    SaveReceipt delta =
        checkpointer
            .save(kernel, SaveRequest.defaults().named("a").base(BaseChoice.latest()))
            .block(LONG);
    assertThat(delta.kind()).isEqualTo(CheckpointKind.DELTA);
    dieCommitting("a", KERNEL, 3);

    assertThat(removed(collect())).containsExactlyInAnyOrder(base, delta.objectId());

    assertHolds("a", KERNEL, 3);
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(1);
  }

  @Test
  void removesTheAncestorsOfABareFileThatItReplaces() throws InterruptedException {
    ChangingKernel kernel = new ChangingKernel(KERNEL).region("p", 8, 1);
    checkpointer.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
    kernel.touch("p", 3);
    ObjectId delta =
        checkpointer.save(kernel, SaveRequest.defaults().named("delta")).block(LONG).objectId();
    BareFiles.put(storage, "bare", BareFiles.stored(storage, StoreNames.object(delta)));
    checkpointer.delete("base").block(LONG);
    checkpointer.delete("delta").block(LONG);
    assertThat(removed(collect())).containsExactly(delta);
    dieCommitting("bare", KERNEL, 3);

    assertThat(collect().removed()).hasSize(1);

    assertHolds("bare", KERNEL, 3);
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(1);
  }

  @Test
  void foretellsThatWithoutFinishingIt() throws InterruptedException {
    ObjectId old = save("a", KERNEL, 1);
    dieCommitting("a", KERNEL, 2);

    CollectReport forecast = checkpointer.collect(AT_ONCE.asDryRun()).block(LONG);

    assertThat(removed(forecast)).containsExactly(old);
    assertThat(forecast.referred()).isEqualTo(1);
    assertThat(storage.count("save", "") + storage.count("delete", "")).isZero();
    assertThat(removed(collect())).containsExactly(old);
  }

  @Test
  void isSeenBeforeAndAfterwardsUnderANameThatWasAnotherKernels() throws InterruptedException {
    ObjectId old = save("a", "first", 1);
    dieCommitting("a", "second", 2);
    assertHolds("a", "second", 2);

    assertThat(removed(collect())).containsExactly(old);

    assertHolds("a", "second", 2);
  }

  @Test
  void countsWithWhatItReplacesWhileItCanNotBeFinished() throws InterruptedException {
    ObjectId old = save("a", KERNEL, 1);
    ObjectId gone = save("b", KERNEL, 2);
    dieCommitting("a", KERNEL, 3);
    checkpointer.delete("b").block(LONG);
    storage.refuseWhen(Call::savesEntry);

    CollectReport report = collect();

    assertThat(removed(report)).containsExactly(gone);
    assertThat(report.notes()).singleElement().asString().contains("'a'", "what it replaces");
    storage.heal();
    assertHolds("a", KERNEL, 3);
    report = collect();
    assertThat(removed(report)).containsExactly(old);
    assertThat(report.notes()).isEmpty();
    assertHolds("a", KERNEL, 3);
  }

  @Test
  void isItsWritersStillWhenThatIsAlive() {
    ObjectId old = save("a", KERNEL, 1);
    CollectReport[] report = new CollectReport[1];
    storage.before(Call::savesEntry, () -> report[0] = collect());

    SaveReceipt receipt = checkpointer.save("a", TestStates.of(KERNEL, 2)).block(LONG);

    assertThat(removed(report[0])).containsExactly(old);
    assertThat(receipt.sequence()).isEqualTo(2);
    assertThat(receipt.notes()).isEmpty();
    assertHolds("a", KERNEL, 2);
    assertThat(collect().removed()).isEmpty();
  }
}
