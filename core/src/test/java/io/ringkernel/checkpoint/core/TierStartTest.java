package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.PruneReport.Fate;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.tck.fault.SlowStorage;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A start after a process that left checkpoints which are not in the far tier. */
@Timeout(60)
class TierStartTest {
  private static final int SAVES = 4;

  private final ScriptedStorage near = new ScriptedStorage("memory:" + UUID.randomUUID());
  private final ScriptedStorage far = new ScriptedStorage("memory:" + UUID.randomUUID());
  private Scheduler timer;

  @BeforeEach
  void start() {
    timer = Schedulers.newSingle("slow");
  }

  @AfterEach
  void close() {
    timer.dispose();
    near.close().block(LONG);
    far.close().block(LONG);
  }

  private Checkpointer open(CheckpointStorage farTier) {
    return Checkpointer.builder(
            TieredStorage.of(near, farTier)
                .retry(Duration.ofMillis(1), Duration.ofMillis(5))
                .finishWithin(Duration.ZERO))
        .parallelism(1)
        .build();
  }

  private static Tiers tiers(Checkpointer checkpointer) {
    return checkpointer.tiers().orElseThrow();
  }

  private static void save(Checkpointer checkpointer, int step) {
    checkpointer.save("s" + step, TestStates.of("fdtd", step)).block(LONG);
  }

  private void leaveSome() {
    far.failWhen(call -> true, Fault.FAIL);
    Checkpointer earlier = open(far);
    for (int step = 1; step <= SAVES; step++) {
      save(earlier, step);
    }
    earlier.close().block(LONG);
  }

  private static void assertPrunesNothing(Checkpointer checkpointer) {
    PruneReport report = checkpointer.prune(RetentionPolicy.keepLast(1)).block(LONG);
    assertThat(report.decisions())
        .hasSize(SAVES)
        .allSatisfy(one -> assertThat(one.fate()).isEqualTo(Fate.KEPT));
  }

  private static void assertArrives(Checkpointer checkpointer) {
    tiers(checkpointer).settled().block(LONG);
    assertThat(tiers(checkpointer).far().list("").map(ListedCheckpoint::name).toIterable())
        .containsExactly("s1", "s2", "s3", "s4");
  }

  @Test
  void aPruningRemovesNothingWhileAFarTierThatIsAwayCanNotTellWhatItHas() {
    leaveSome();
    Checkpointer checkpointer = open(far);

    assertPrunesNothing(checkpointer);
    far.heal();
    assertArrives(checkpointer);
    // Now it is known.
    assertThat(checkpointer.prune(RetentionPolicy.keepLast(1)).block(LONG).decisions())
        .filteredOn(one -> one.fate() == Fate.REMOVED)
        .hasSize(SAVES - 1);
    checkpointer.close().block(LONG);
  }

  @Test
  void aPruningRemovesNothingWhileASlowFarTierIsAskedWhatItHas() {
    leaveSome();
    far.heal();
    Checkpointer checkpointer = open(SlowStorage.around(far, Duration.ofMillis(20), timer));

    assertPrunesNothing(checkpointer);
    assertArrives(checkpointer);
    checkpointer.close().block(LONG);
  }

  @Test
  void sendsACommitAgainWhoseNameChangedBeforeItsEntryWasThere() throws InterruptedException {
    Checkpointer earlier = open(far);
    save(earlier, 1);
    tiers(earlier).settled().block(LONG);
    far.failWhen(ScriptedStorage.Call::savesEntry, Fault.HANG);
    save(earlier, 2);
    assertThat(far.awaitHanging()).isTrue();
    earlier.close().block(LONG);
    far.heal();
    // The head there tells of the second; with its placeholder gone that commit is void.
    far.delete("s2", null).block(LONG);

    Checkpointer next = open(far);
    tiers(next).settled().block(LONG);

    assertThat(tiers(next).far().list("").map(ListedCheckpoint::name).toIterable())
        .containsExactly("s1", "s2");
    assertThat(TestStates.loaded(tiers(next).far(), "s2"))
        .isEqualTo(TestStates.bytes(TestStates.of("fdtd", 2)));
    next.close().block(LONG);
  }
}
