package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.FarReceipt.Outcome;
import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.fault.FailingStorage;
import io.ringkernel.checkpoint.tck.fault.FailingStorage.Call;
import io.ringkernel.checkpoint.tck.fault.SlowStorage;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A far tier that is full, slow, or breaks off, and a near one that can't be read for a while. */
@Timeout(120)
class TierFaultTest {
  private static final int SAVES = 4;
  private static final int BYTES = 9_000_000;

  private final ScriptedStorage near = new ScriptedStorage("memory:" + UUID.randomUUID());
  private final ScriptedStorage far = new ScriptedStorage("memory:" + UUID.randomUUID());
  private final Scheduler timer = Schedulers.newSingle("slow");
  private final List<FarReceipt> told = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    timer.dispose();
    Patience.until("buffers are closed", () -> near.openBuffers.get() + far.openBuffers.get() == 0);
    near.close().block(LONG);
    far.close().block(LONG);
  }

  private Checkpointer open(CheckpointStorage nearTier, CheckpointStorage farTier) {
    TieredStorage storage =
        TieredStorage.of(nearTier, farTier)
            .retry(Duration.ofMillis(1), Duration.ofMillis(4))
            .finishWithin(LONG);
    Checkpointer checkpointer = Checkpointer.builder(storage).parallelism(1).build();
    checkpointer.tiers().orElseThrow().receipts().subscribe(told::add);
    return checkpointer;
  }

  private static void save(Checkpointer checkpointer, int step) {
    checkpointer.save("s" + step, TestStates.of("fdtd", step, BYTES)).block(LONG);
  }

  private void assertFarIsWhole(int saves) {
    Checkpointer alone = Checkpointer.builder(far).parallelism(1).build();
    assertThat(alone.list("").count().block(LONG)).isEqualTo(saves);
    for (int step = 1; step <= saves; step++) {
      assertThat(TestStates.loaded(alone, "s" + step))
          .isEqualTo(TestStates.bytes(TestStates.of("fdtd", step, BYTES)));
    }
    alone.collect(CollectOptions.defaults().grace(Duration.ZERO)).block(LONG);
    assertThat(far.list(StoreNames.OBJECTS).count().block(LONG)).isEqualTo(saves);
    assertThat(far.list(StoreNames.PINS).count().block(LONG)).isZero();
    alone.close().block(LONG);
  }

  private static StorageException noSpace() {
    return new StorageException("no space left in the bucket", false, null);
  }

  @Test
  void aFarTierThatSomebodyClosedIsNotTriedAgain() {
    Checkpointer checkpointer = open(near, far);
    checkpointer.tiers().orElseThrow().settled().block(LONG);
    far.close().block(LONG);

    checkpointer.save("s1", TestStates.of("fdtd", 1)).block(LONG);

    Patience.until("it was told", () -> !told.isEmpty());
    assertThat(told)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.outcome()).isEqualTo(Outcome.FAILED);
              assertThat(one.failure()).isInstanceOf(ClosedException.class);
            });
    checkpointer.close().block(LONG);
  }

  @Test
  void aCopyThatFailsWithWhatCanNotBeToldIsMadeAgain() {
    FailingStorage broken = FailingStorage.around(far);
    Checkpointer checkpointer = open(near, broken);
    checkpointer.tiers().orElseThrow().settled().block(LONG);
    for (int n = 1; n <= 1000; n++) {
      broken.fail(Call.SAVE, n, UntellableException::new);
    }

    save(checkpointer, 1);

    Patience.until("it was told", () -> !told.isEmpty());
    broken.heal();
    checkpointer.close().block(LONG);
    assertThat(told.get(0).outcome()).isEqualTo(Outcome.RETRYING);
    assertThat(told.get(0).failure()).hasMessageContaining(UntellableException.class.getName());
    assertFarIsWhole(1);
  }

  @Test
  void aFullFarTierHoldsNoSaveUpAndGetsAllOnceThereIsRoom() {
    FailingStorage full = FailingStorage.around(far);
    for (int n = 1; n <= 10_000; n++) {
      full.fail(Call.SAVE, n, TierFaultTest::noSpace);
    }
    Checkpointer checkpointer = open(near, full);
    for (int step = 1; step <= SAVES; step++) {
      save(checkpointer, step);
    }
    Patience.until(
        "it was tried", () -> told.stream().anyMatch(one -> one.outcome() == Outcome.RETRYING));

    assertThat(far.list("").filter(o -> !StoreNames.isReserved(o.name())).count().block(LONG))
        .isZero();
    full.heal();
    checkpointer.close().block(LONG);

    assertThat(told)
        .filteredOn(one -> one.outcome() == Outcome.RETRYING)
        .isNotEmpty()
        .allSatisfy(one -> assertThat(one.failure()).hasMessageContaining("no space left"));
    assertFarIsWhole(SAVES);
  }

  @Test
  void anUploadThatBreaksOffIsMadeAgain() {
    FailingStorage breaking = FailingStorage.around(far);
    Checkpointer checkpointer = open(near, breaking);
    for (int n = 1; n <= 12; n++) {
      breaking.breakOff(Call.SAVE, n, 5_000_000, TierFaultTest::noSpace);
    }
    save(checkpointer, 1);
    checkpointer.close().block(LONG);

    assertFarIsWhole(1);
  }

  @Test
  void aNearTierThatCanNotBeReadForAWhileIsReadAgain() {
    FailingStorage flaky = FailingStorage.around(near);
    Checkpointer checkpointer = open(flaky, far);
    checkpointer.tiers().orElseThrow().settled().block(LONG);
    flaky.fail(Call.READ, 12, () -> new StorageException("a bad cable", true, null));
    flaky.breakOff(Call.READ, 14, 1000, () -> new StorageException("a bad cable", true, null));
    int saves = 0;
    while (told.stream().noneMatch(one -> one.outcome() == Outcome.RETRYING) && saves < 2 * SAVES) {
      try {
        save(checkpointer, saves + 1);
        saves++;
      } catch (StorageException e) {
        // It met the save itself, which can be made again.
        continue;
      }
      checkpointer.tiers().orElseThrow().settled().block(LONG);
    }
    checkpointer.close().block(LONG);

    assertFarIsWhole(saves);
  }

  @Test
  void aSlowFarTierHoldsNoSaveUp() {
    SlowStorage slow = SlowStorage.around(far, Duration.ofMillis(2), timer);
    Checkpointer checkpointer = open(near, slow);
    for (int step = 1; step <= SAVES; step++) {
      save(checkpointer, step);
    }
    assertThat(near.list("").filter(o -> !StoreNames.isReserved(o.name())).count().block(LONG))
        .isEqualTo(SAVES);
    checkpointer.close().block(LONG);

    assertFarIsWhole(SAVES);
  }

  @Test
  void aCopyThatIsCancelledInTheMiddleLeavesNothingOpen() {
    SlowStorage slow = SlowStorage.around(far, Duration.ofMillis(5), timer);
    for (int round = 0; round < 6; round++) {
      Checkpointer checkpointer =
          Checkpointer.builder(TieredStorage.of(near, slow).finishWithin(Duration.ofMillis(20)))
              .parallelism(1)
              .build();
      if (round == 0) {
        save(checkpointer, 1);
      }
      checkpointer.close().block(LONG);
      Patience.until(
          "buffers are closed", () -> near.openBuffers.get() + far.openBuffers.get() == 0);
    }
    Checkpointer last = open(near, far);
    last.close().block(LONG);

    Patience.until("pins are released", () -> far.list(StoreNames.PINS).count().block(LONG) == 0);
    assertFarIsWhole(1);
  }

  @Test
  void aCopyCostsAFewSmallRequestsBesideItsObject() {
    Checkpointer source = Checkpointer.builder(near).parallelism(1).build();
    Checkpointer target = Checkpointer.builder(far).parallelism(1).build();
    save(source, 1);
    source.copy("s1", target, CopyRequest.defaults()).block(LONG);
    save(source, 2);
    far.heal();

    source.copy("s2", target, CopyRequest.defaults()).block(LONG);

    assertThat(far.calls).as("%s", far.calls).hasSizeLessThanOrEqualTo(18);
    source.close().block(LONG);
    target.close().block(LONG);
  }
}
