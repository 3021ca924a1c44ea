package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;

/** A flatten that goes wrong anywhere, or loses a race, changes nothing. */
class FlattenTest {
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(2);

  /** A store with a full checkpoint and a delta on it, to be flattened. */
  private static final class Trial {
    final ScriptedStorage storage = new ScriptedStorage("memory:" + UUID.randomUUID());
    final Checkpointer checkpointer = CODEC.on(storage);
    final ChangingKernel kernel = new ChangingKernel("fdtd").region("a", 5, 1);
    final SaveReceipt delta;
    final Map<String, ByteBuffer> state;

    Trial() {
      checkpointer.save(kernel, SaveRequest.defaults().named("full")).block(LONG);
      kernel.touch("a", 2);
      delta = checkpointer.save(kernel, SaveRequest.defaults().named("delta")).block(LONG);
      assertThat(delta.kind()).isEqualTo(CheckpointKind.DELTA);
      state = kernel.bytes();
      storage.heal();
    }

    void check(FlattenReceipt receipt) {
      storage.heal();
      Checkpointer other = CODEC.on(storage);
      CheckpointInfo info = other.info("delta").block(LONG);
      if (receipt != null) {
        assertThat(info.objectId()).isEqualTo(receipt.objectId());
      }
      boolean flat = info.kind() == CheckpointKind.FULL;
      assertThat(info.objectId().equals(delta.objectId())).isNotEqualTo(flat);
      assertThat(info.ancestors().isEmpty()).isEqualTo(flat);
      assertThat(info.sequence()).isEqualTo(delta.sequence());
      assertThat(TestStates.loaded(other, "delta")).isEqualTo(state);
      assertThat(other.verify("delta", VerifyDepth.FULL).block(LONG).finding()).isNull();
      assertThat(storage.openBuffers).hasValue(0);
      kernel.touch("a", 1);
      SaveRequest request = SaveRequest.defaults().named("next").base(BaseChoice.latest());
      SaveReceipt next = other.save(kernel, request).block(LONG);
      assertThat(next.base()).isEqualTo(info.objectId());
      assertThat(TestStates.loaded(other, "next")).isEqualTo(kernel.bytes());
    }
  }

  private static int calls() {
    Trial trial = new Trial();
    trial.checkpointer.flatten("delta").block(LONG);
    return trial.storage.calls.size();
  }

  @TestFactory
  Stream<DynamicTest> keepsTheCheckpointWhereverACallFails() {
    return IntStream.range(0, calls())
        .boxed()
        .flatMap(
            n ->
                Stream.of(ScriptedStorage.Fault.FAIL, ScriptedStorage.Fault.LOSE_ANSWER)
                    .flatMap(
                        fault ->
                            Stream.of(1, 1000)
                                .map(
                                    count ->
                                        DynamicTest.dynamicTest(
                                            fault + " at " + n + " x" + count,
                                            () -> fail(n, count, fault)))));
  }

  private static void fail(int n, int count, ScriptedStorage.Fault fault) {
    Trial trial = new Trial();
    trial.storage.failAt(n, count, fault, true);
    FlattenReceipt receipt = null;
    CheckpointException failure = null;
    try {
      receipt = trial.checkpointer.flatten("delta").block(LONG);
    } catch (CheckpointException e) {
      failure = e;
    }
    assertThat(receipt == null).isNotEqualTo(failure == null);
    trial.check(receipt);
  }

  @TestFactory
  Stream<DynamicTest> keepsTheCheckpointWhereverItIsCancelled() {
    return IntStream.range(0, calls())
        .boxed()
        .flatMap(
            n ->
                Stream.of(ScriptedStorage.Fault.HANG, ScriptedStorage.Fault.DO_AND_HANG)
                    .map(
                        fault ->
                            DynamicTest.dynamicTest(
                                "cancelled in " + fault + " at " + n, () -> cancel(n, fault))));
  }

  private static void cancel(int n, ScriptedStorage.Fault fault) throws InterruptedException {
    Trial trial = new Trial();
    trial.storage.failAt(n, 1, fault, true);
    Disposable flatten = trial.checkpointer.flatten("delta").subscribe();
    assertThat(trial.storage.awaitHanging()).isTrue();
    flatten.dispose();
    Patience.until("buffers are closed", () -> trial.storage.openBuffers.get() == 0);
    trial.check(null);
  }

  private static Runnable beforeTheSwitch(Trial trial, Runnable action) {
    trial.storage.before(call -> call.savesEntry() && call.name().equals("delta"), action);
    return action;
  }

  @Test
  void losesAgainstASaveOfTheSameName() {
    Trial trial = new Trial();
    trial.kernel.touch("a", 4);
    Map<String, ByteBuffer> newer = trial.kernel.bytes();
    beforeTheSwitch(
        trial,
        () ->
            trial
                .checkpointer
                .save(trial.kernel, SaveRequest.defaults().named("delta"))
                .block(LONG));

    assertThatThrownBy(() -> trial.checkpointer.flatten("delta").block(LONG))
        .isInstanceOf(ChangedMeanwhileException.class);
    assertThat(TestStates.loaded(trial.checkpointer, "delta")).isEqualTo(newer);
    // Of the full one, the delta, and what replaced it; the copy is gone.
    assertThat(trial.storage.list(".rkcp/objects/").count().block(LONG)).isEqualTo(3);
  }

  @Test
  void losesAgainstACommitThatGotNoFurtherThanTheHeadMeanwhile() {
    Trial trial = new Trial();
    trial.kernel.touch("a", 4);
    Map<String, ByteBuffer> newer = trial.kernel.bytes();
    trial.storage.before(
        call -> call.operation().equals("save") && call.name().startsWith(StoreNames.OBJECTS),
        () -> {
          trial.storage.refuseWhen(ScriptedStorage.Call::savesEntry);
          SaveReceipt receipt =
              trial
                  .checkpointer
                  .save(trial.kernel, SaveRequest.defaults().named("delta"))
                  .block(LONG);
          assertThat(receipt.notes()).singleElement().asString().contains("still to be written");
          trial.storage.heal();
        });

    assertThatThrownBy(() -> trial.checkpointer.flatten("delta").block(LONG))
        .isInstanceOf(ChangedMeanwhileException.class);
    assertThat(TestStates.loaded(trial.checkpointer, "delta")).isEqualTo(newer);
    assertThat(trial.storage.list(".rkcp/objects/").count().block(LONG)).isEqualTo(3);
  }

  @Test
  void keepsItsCopyWhenTheSwitchMayStillBeDone() {
    Trial trial = new Trial();
    trial.storage.failWhen(
        call -> call.savesEntry() && call.name().equals("delta"), ScriptedStorage.Fault.DO_LATE);

    assertThatThrownBy(() -> trial.checkpointer.flatten("delta").block(LONG))
        .isInstanceOf(StorageException.class);
    assertThat(trial.storage.doLate()).as("it was as it had been read").isTrue();

    CheckpointInfo info = trial.checkpointer.info("delta").block(LONG);
    assertThat(info.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(TestStates.loaded(trial.checkpointer, "delta")).isEqualTo(trial.state);
  }

  @Test
  void losesAgainstADelete() {
    Trial trial = new Trial();
    beforeTheSwitch(trial, () -> trial.checkpointer.delete("delta").block(LONG));

    assertThatThrownBy(() -> trial.checkpointer.flatten("delta").block(LONG))
        .isInstanceOf(CheckpointException.class);
    assertThat(trial.checkpointer.list("").count().block(LONG)).isEqualTo(1);
  }

  @Test
  void ofTwoAtOnceOneWinsAndTheOtherChangesNothing() {
    Trial trial = new Trial();
    beforeTheSwitch(trial, () -> trial.checkpointer.flatten("delta").block(LONG));

    assertThatThrownBy(() -> trial.checkpointer.flatten("delta").block(LONG))
        .isInstanceOf(ChangedMeanwhileException.class);
    trial.check(null);
  }

  @Test
  void finishesACommitThatGotNoFurtherThanTheHead() {
    Trial trial = new Trial();
    trial.kernel.touch("a", 0);
    trial.storage.failWhen(
        call -> call.savesEntry() && call.name().equals("pending"), ScriptedStorage.Fault.FAIL);
    trial.checkpointer.save(trial.kernel, SaveRequest.defaults().named("pending")).block(LONG);
    trial.storage.heal();
    assertThat(new String(BareFiles.stored(trial.storage, "pending"), StandardCharsets.US_ASCII))
        .startsWith("rkcp-placeholder");

    FlattenReceipt receipt = trial.checkpointer.flatten("pending").block(LONG);

    assertThat(receipt.isChanged()).isTrue();
    assertThat(trial.checkpointer.info("pending").block(LONG).kind())
        .isEqualTo(CheckpointKind.FULL);
    assertThat(TestStates.loaded(trial.checkpointer, "pending")).isEqualTo(trial.kernel.bytes());
  }

  @Test
  void aFullOneIsLeftAsItIs() {
    Trial trial = new Trial();

    FlattenReceipt receipt = trial.checkpointer.flatten("full").block(LONG);

    assertThat(receipt.isChanged()).isFalse();
    assertThat(receipt.stored()).isZero();
    assertThat(trial.storage.calls).noneMatch(call -> call.operation().equals("save"));
  }

  @Test
  void aBareFileIsRefused() {
    Trial trial = new Trial();
    BareFiles.put(trial.storage, "bare", TestStates.of("fdtd", 1), 2);

    assertThatThrownBy(() -> trial.checkpointer.flatten("bare").block(LONG))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("bare");
  }
}
