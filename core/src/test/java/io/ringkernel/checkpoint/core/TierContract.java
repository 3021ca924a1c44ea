package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.StoreFixture.collect;
import static io.ringkernel.checkpoint.core.StoreFixture.names;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static io.ringkernel.checkpoint.core.TierFixture.settle;
import static io.ringkernel.checkpoint.core.TierFixture.tiers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.core.FarReceipt.Outcome;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.core.TieredStorage.Overflow;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.error.StaleWriterException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** Two tiers: what is saved near is copied far, whatever happens to either. */
@Timeout(120)
abstract class TierContract {
  private static final String KERNEL = "fdtd";
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(2);

  private final String nearUri;
  private final TierFixture pair;
  private final ScriptedStorage near;
  private final ScriptedStorage far;
  private final List<FarReceipt> told;
  private final ChangingKernel kernel = new ChangingKernel(KERNEL).region("a", 6, 1);
  private final Map<String, Map<String, ByteBuffer>> states = new HashMap<>();

  TierContract(String nearUri) {
    this(nearUri, "memory:" + UUID.randomUUID());
  }

  TierContract(String nearUri, String farUri) {
    this.nearUri = nearUri;
    pair = new TierFixture(CODEC, nearUri, farUri);
    near = pair.near;
    far = pair.far;
    told = pair.told;
  }

  @AfterEach
  void close() {
    pair.close();
    assertThat(kernel.open.get()).isZero();
  }

  private SaveReceipt save(Checkpointer checkpointer, String name) {
    kernel.step++;
    kernel.touch("a", (int) (kernel.step % 6));
    SaveReceipt saved = checkpointer.save(kernel, SaveRequest.defaults().named(name)).block(LONG);
    states.put(name, kernel.bytes());
    return saved;
  }

  private void assertWhole(Checkpointer checkpointer, String... names) {
    for (String name : names) {
      assertThat(checkpointer.verify(name, VerifyDepth.FULL).block(LONG).finding()).isNull();
      assertThat(TestStates.loaded(checkpointer, name)).as(name).isEqualTo(states.get(name));
    }
  }

  private static void delete(ScriptedStorage storage, String prefix) {
    storage
        .list(prefix)
        .concatMap(object -> storage.delete(object.name(), null))
        .then()
        .block(LONG);
  }

  @Test
  void isNotItsOwnSecondTier() {
    assertThatThrownBy(() -> TieredStorage.of("file:one", "file:one"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("same store");
    CheckpointStorage one = CheckpointStorages.open("memory:same");
    assertThatThrownBy(() -> TieredStorage.of(one, one))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void copiesWhatIsSaved() {
    Checkpointer checkpointer = pair.open();

    SaveReceipt first = save(checkpointer, "1");
    SaveReceipt second = save(checkpointer, "2");
    FarReceipt arrived = tiers(checkpointer).copied(second).block(LONG);

    assertThat(arrived.outcome()).isEqualTo(Outcome.COPIED);
    assertThat(arrived.copy().kind()).isEqualTo(CheckpointKind.DELTA);
    assertThat(arrived.copy().copied()).isEqualTo(second.stored());
    // Also when it has been there for long.
    assertThat(tiers(checkpointer).copied(first).block(LONG).outcome()).isEqualTo(Outcome.COPIED);
    settle(checkpointer);
    assertThat(pair.outcomes(Outcome.COPIED, 2))
        .extracting(FarReceipt::name)
        .containsExactly("1", "2");
    Checkpointer other = pair.alone(far);
    assertThat(names(other)).containsExactly("1", "2");
    assertWhole(other, "1", "2");
    ChangingKernel restored = new ChangingKernel(KERNEL);
    assertThat(other.restoreLatest(restored).block(LONG).checkpoint().name()).isEqualTo("2");
    assertThat(restored.bytes()).isEqualTo(states.get("2"));
  }

  @Test
  void aSaveEndsWithTheNearTier() {
    pair.breakFar();
    Checkpointer checkpointer = pair.open();

    SaveReceipt saved = save(checkpointer, "1");

    assertThat(tiers(checkpointer).backlog()).isEqualTo(1);
    assertWhole(checkpointer, "1");
    Disposable waiting = tiers(checkpointer).copied(saved).subscribe();
    waiting.dispose();
    far.heal();
    assertThat(tiers(checkpointer).copied(saved).block(LONG).outcome()).isEqualTo(Outcome.COPIED);
  }

  @Test
  void triesAgainWhileTheFarTierFailsAndSaysSo() {
    Checkpointer checkpointer = pair.open();
    settle(checkpointer);
    far.failWhen(call -> call.name().startsWith(StoreNames.OBJECTS), Fault.FAIL);

    SaveReceipt first = save(checkpointer, "1");
    Patience.until("it failed", () -> pair.outcomes(Outcome.RETRYING).size() >= 3);
    SaveReceipt second = save(checkpointer, "2");
    far.heal();

    FarReceipt arrived = tiers(checkpointer).copied(first).block(LONG);
    assertThat(arrived.attempts()).isGreaterThanOrEqualTo(3);
    assertThat(second.notes()).singleElement().asString().contains("wait for the far tier");
    assertThat(pair.outcomes(Outcome.RETRYING).get(0).failure())
        .isInstanceOf(StorageException.class);
    settle(checkpointer);
    assertWhole(pair.alone(far), "1", "2");
    assertThat(save(checkpointer, "3").notes()).isEmpty();
    settle(checkpointer);
  }

  @Test
  void skipsTheOldestWhenTooManyWait() {
    pair.breakFar();
    Checkpointer checkpointer = pair.open(pair.storage().backlog(2, Overflow.SKIP_OLDEST));
    List<SaveReceipt> saved = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      saved.add(save(checkpointer, "" + i));
      assertThat(tiers(checkpointer).backlog()).isLessThanOrEqualTo(2);
    }
    far.heal();
    settle(checkpointer);

    // One is being tried, and is not taken away.
    List<String> skipped =
        pair.outcomes(Outcome.SKIPPED, 3).stream().map(FarReceipt::name).toList();
    assertThat(skipped).hasSize(3).doesNotContain("5");
    Checkpointer other = pair.alone(far);
    List<String> arrived = names(other);
    assertThat(arrived).hasSize(2).endsWith("5").doesNotContainAnyElementsOf(skipped);
    assertWhole(other, arrived.toArray(String[]::new));
    for (SaveReceipt one : saved) {
      Outcome outcome = tiers(checkpointer).copied(one).block(LONG).outcome();
      assertThat(outcome == Outcome.SKIPPED).isEqualTo(skipped.contains(one.name()));
    }
    // What was passed over is not copied later either.
    checkpointer.close().block(LONG);
    Checkpointer next = pair.open();
    settle(next);
    assertThat(names(other)).isEqualTo(arrived);
    SaveReceipt never =
        saved.stream().filter(one -> skipped.contains(one.name())).findFirst().orElseThrow();
    assertThatThrownBy(() -> tiers(next).copied(never).block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessageContaining("far tier");
  }

  @Test
  void waitsBeforeTheKernelIsStoppedWhenTooManyWait() {
    pair.breakFar();
    Checkpointer checkpointer = pair.open(pair.storage().backlog(1, Overflow.WAIT));
    StillKernel still = new StillKernel("still", 1);
    checkpointer.save(still).block(LONG);

    Disposable given = checkpointer.save(still).subscribe();
    AtomicReference<SaveReceipt> second = new AtomicReference<>();
    checkpointer.save(still).subscribe(second::set);
    // Another kernel has a place of its own.
    save(checkpointer, "other");
    given.dispose();
    assertThat(still.captures).hasValue(1);
    assertThat(tiers(checkpointer).backlog()).isEqualTo(2);

    far.heal();
    Patience.until("it was saved", () -> second.get() != null);
    settle(checkpointer);
    assertThat(still.captures).hasValue(2);
    assertThat(pair.outcomes(Outcome.COPIED, 3)).hasSize(3);
    assertThat(names(pair.alone(far))).hasSize(3);
  }

  @Test
  void takesUpWhatAnEarlierProcessLeft() throws InterruptedException {
    pair.breakFar();
    Checkpointer first = pair.open();
    save(first, "1");
    save(first, "2");
    SaveReceipt third = save(first, "3");
    // It hangs while the first is committed.
    far.failWhen(ScriptedStorage.Call::savesEntry, Fault.HANG);
    assertThat(far.awaitHanging()).isTrue();
    CompletableFuture<FarReceipt> waiting = tiers(first).copied(third).toFuture();
    first.close().block(LONG);
    assertThatThrownBy(waiting::join)
        .hasCauseInstanceOf(ClosedException.class)
        .hasMessageContaining("next start");
    far.heal();
    told.clear();

    Checkpointer second = pair.open();
    settle(second);

    Patience.until(
        "it was told",
        () -> pair.outcomes(Outcome.COPIED).stream().anyMatch(one -> one.name().equals("3")));
    assertThat(pair.outcomes(Outcome.COPIED))
        .extracting(FarReceipt::name)
        .containsSubsequence("2", "3");
    assertWhole(pair.alone(far), "1", "2", "3");
    told.clear();
    settle(pair.open());
    assertThat(told).isEmpty();
  }

  @Test
  void doesNotSendAgainWhatTheFarTierPruned() {
    Checkpointer first = pair.open();
    for (int i = 1; i <= 4; i++) {
      save(first, "" + i);
    }
    settle(first);
    assertThat(pair.outcomes(Outcome.COPIED, 4)).hasSize(4);
    tiers(first).far().prune(RetentionPolicy.keepLast(1)).block(LONG);
    first.close().block(LONG);
    told.clear();

    Checkpointer second = pair.open();
    settle(second);

    assertThat(told).isEmpty();
    assertThat(names(pair.alone(far))).containsExactly("4");
    save(second, "5");
    settle(second);
    assertThat(names(pair.alone(far))).containsExactly("4", "5");
  }

  @Test
  void sendsEverythingToAFarTierThatWasLost() {
    Checkpointer first = pair.open();
    save(first, "1");
    save(first, "2");
    settle(first);
    first.close().block(LONG);
    delete(far, "");

    settle(pair.open());

    assertWhole(pair.alone(far), "1", "2");
  }

  @Test
  void prunesAndCollectsEachTierByItself() {
    Checkpointer checkpointer = pair.open();
    for (int i = 1; i <= 5; i++) {
      save(checkpointer, "" + i);
    }
    settle(checkpointer);
    Checkpointer farTier = tiers(checkpointer).far();

    checkpointer.prune(RetentionPolicy.keepLast(1)).block(LONG);
    collect(checkpointer);
    farTier.prune(RetentionPolicy.keepLast(3)).block(LONG);
    collect(farTier);

    assertThat(names(pair.alone(near))).containsExactly("5");
    assertThat(names(pair.alone(far))).containsExactly("3", "4", "5");
    assertThat(names(checkpointer)).containsExactly("3", "4", "5");
    assertWhole(pair.alone(far), "3", "4", "5");
    for (String name : List.of("3", "4", "5")) {
      assertThat(TestStates.loaded(checkpointer, name)).isEqualTo(states.get(name));
    }
    // A delta whose base is gone near, and there far.
    save(checkpointer, "6");
    settle(checkpointer);
    assertWhole(pair.alone(far), "6");
  }

  @Test
  void takesAlongAncestorsThatTheFarTierLacks() {
    pair.breakFar();
    Checkpointer checkpointer = pair.open(pair.storage().backlog(1, Overflow.SKIP_OLDEST));
    for (int i = 1; i <= 4; i++) {
      save(checkpointer, "" + i);
    }
    far.heal();
    settle(checkpointer);

    Checkpointer other = pair.alone(far);
    assertThat(names(other)).hasSizeLessThan(3).endsWith("4");
    assertThat(other.info("4").block(LONG).ancestors()).hasSize(3);
    collect(other);
    assertWhole(other, "4");
  }

  @Test
  void flattensIfAsked() {
    Checkpointer checkpointer = pair.open(pair.storage().flattened());
    save(checkpointer, "1");
    save(checkpointer, "2");
    settle(checkpointer);

    Checkpointer other = pair.alone(far);
    assertThat(other.info("2").block(LONG).kind()).isEqualTo(CheckpointKind.FULL);
    assertWhole(other, "1", "2");
  }

  @Test
  void aPruningLeavesWhatIsNotFarYet() {
    pair.breakFar();
    Checkpointer checkpointer = pair.open();
    for (int i = 1; i <= 3; i++) {
      save(checkpointer, "" + i);
    }

    PruneReport report = checkpointer.prune(RetentionPolicy.keepLast(1)).block(LONG);
    far.heal();
    settle(checkpointer);

    assertThat(report.decisions())
        .allSatisfy(one -> assertThat(one.reasons()).contains("not in the far tier yet"));
    assertWhole(pair.alone(far), "1", "2", "3");
  }

  @Test
  void copiesWhatNobodyCouldTellToBeCommitted() {
    Checkpointer checkpointer = pair.open();
    settle(checkpointer);
    AtomicInteger lost = new AtomicInteger();
    near.refuseWhen(
        call ->
            call.name().startsWith(StoreNames.HEADS)
                && (call.commits() || lost.get() > 0)
                && lost.incrementAndGet() <= 2,
        Fault.LOSE_ANSWER);

    assertThatThrownBy(() -> save(checkpointer, "a"))
        .isInstanceOf(CommitStateUnknownException.class);
    settle(checkpointer);

    states.put("a", kernel.bytes());
    assertWhole(pair.alone(far), "a");
  }

  @Test
  void copiesWhatWasCommittedWhenNobodyWaitedAnyMore() throws InterruptedException {
    Checkpointer checkpointer = pair.open();
    save(checkpointer, "1");
    near.failWhen(ScriptedStorage.Call::commits, Fault.DO_AND_HANG);
    kernel.touch("a", 1);
    Disposable cancelled = checkpointer.save(kernel, SaveRequest.defaults().named("2")).subscribe();
    assertThat(near.awaitHanging()).isTrue();
    states.put("2", kernel.bytes());

    cancelled.dispose();
    near.heal();

    Patience.until("it is copied", () -> pair.outcomes(Outcome.COPIED).size() == 2);
    assertWhole(pair.alone(far), "1", "2");
  }

  @Test
  void passesOverWhatVanishesUnderTheCopyHoweverOftenThatWasTried() {
    pair.breakFar();
    Checkpointer checkpointer = pair.open();
    SaveReceipt saved = save(checkpointer, "a");
    Patience.until("it was tried", () -> pair.outcomes(Outcome.RETRYING).size() > 2);
    near.before(
        call -> call.operation().equals("read") && call.name().startsWith(StoreNames.OBJECTS),
        () -> {
          checkpointer.delete("a").block(LONG);
          near.delete(StoreNames.object(saved.objectId()), null).block(LONG);
        });

    far.heal();
    settle(checkpointer);

    assertThat(pair.outcomes(Outcome.GONE, 1)).hasSize(1);
    assertThat(pair.outcomes(Outcome.FAILED)).isEmpty();
  }

  @Test
  void passesOverWhatWasDeletedOrReplacedMeanwhile() {
    pair.breakFar();
    Checkpointer checkpointer = pair.open();
    save(checkpointer, "deleted");
    checkpointer.delete("deleted").block(LONG);
    save(checkpointer, "replaced");
    save(checkpointer, "replaced");
    Patience.until("both are passed over", () -> pair.outcomes(Outcome.GONE).size() == 2);
    far.heal();
    settle(checkpointer);

    assertThat(pair.outcomes(Outcome.GONE))
        .extracting(FarReceipt::name)
        .containsExactly("deleted", "replaced");
    assertThat(names(pair.alone(far))).containsExactly("replaced");
    assertWhole(pair.alone(far), "replaced");
  }

  @Test
  void loadsFromTheFarTierWhatTheNearOneLost() {
    Checkpointer checkpointer = pair.open();
    save(checkpointer, "1");
    settle(checkpointer);
    delete(near, "1");

    assertThat(TestStates.loaded(checkpointer, "1")).isEqualTo(states.get("1"));
    assertThat(checkpointer.info("1").block(LONG).name()).isEqualTo("1");
    assertThat(names(checkpointer)).containsExactly("1");
    ChangingKernel restored = new ChangingKernel(KERNEL);
    checkpointer.restore(restored, "1").block(LONG);
    assertThat(restored.bytes()).isEqualTo(states.get("1"));
    assertThatThrownBy(() -> checkpointer.load("nothing").block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class);
  }

  @Test
  void readsBlocksFromTheFarTierThatTheNearOneCanNotGive() {
    Checkpointer checkpointer = pair.open();
    save(checkpointer, "1");
    settle(checkpointer);
    String object = StoreNames.object(checkpointer.info("1").block(LONG).objectId());

    try (Checkpoint loaded = checkpointer.load("1").block(LONG)) {
      near.put(object, "somebody wrote over it");

      assertThat(TestStates.bytes(loaded)).isEqualTo(states.get("1"));
    }
    // And what can't even be opened.
    assertThat(TestStates.loaded(checkpointer, "1")).isEqualTo(states.get("1"));
  }

  @Test
  void restoresTheNewestFromTheFarTierRatherThanAnOlderOneFromTheNear() {
    Checkpointer checkpointer = pair.open();
    save(checkpointer, "1");
    SaveReceipt newest = save(checkpointer, "2");
    settle(checkpointer);
    near.put(StoreNames.object(newest.objectId()), "somebody wrote over it");

    ChangingKernel restored = new ChangingKernel(KERNEL);
    RestoreReceipt receipt = checkpointer.restoreLatest(restored).block(LONG);

    assertThat(receipt.checkpoint().name()).isEqualTo("2");
    assertThat(receipt.skipped()).extracting(SkippedCheckpoint::name).containsExactly("2");
    assertThat(restored.bytes()).isEqualTo(states.get("2"));
  }

  @Test
  void restoresAnOlderOneWhenTheNewestIsWholeNowhere() {
    Checkpointer checkpointer = pair.open();
    save(checkpointer, "1");
    SaveReceipt newest = save(checkpointer, "2");
    settle(checkpointer);
    near.put(StoreNames.object(newest.objectId()), "somebody wrote over it");
    far.put(StoreNames.object(newest.objectId()), "and here, too");

    ChangingKernel restored = new ChangingKernel(KERNEL);
    RestoreReceipt receipt = checkpointer.restoreLatest(restored).block(LONG);

    assertThat(receipt.checkpoint().name()).isEqualTo("1");
    assertThat(restored.bytes()).isEqualTo(states.get("1"));
  }

  @Test
  void restoresWithoutTheFarTierWhileThatIsAway() {
    Checkpointer checkpointer = pair.open();
    save(checkpointer, "1");
    settle(checkpointer);
    pair.breakFar();

    ChangingKernel restored = new ChangingKernel(KERNEL);
    assertThat(checkpointer.restoreLatest(restored).block(LONG).checkpoint().name()).isEqualTo("1");
    assertThat(TestStates.loaded(checkpointer, "1")).isEqualTo(states.get("1"));
    assertThatThrownBy(() -> checkpointer.load("unknown").block(LONG))
        .as("it may be far")
        .isInstanceOf(StorageException.class);
  }

  @Test
  void aMachineThatTookTheKernelOverFencesTheOldOneOffInTheFarTier() {
    Checkpointer old = pair.open();
    save(old, "1");
    settle(old);
    ScriptedStorage elsewhere = new ScriptedStorage("memory:" + UUID.randomUUID());
    Checkpointer heir = CODEC.on(TieredStorage.of(elsewhere, far));
    heir.restoreLatest(kernel).block(LONG);
    save(heir, "2");
    settle(heir);

    SaveReceipt late = save(old, "late");
    FarReceipt receipt = tiers(old).copied(late).block(LONG);

    assertThat(receipt.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(receipt.failure()).isInstanceOf(StaleWriterException.class);
    assertThat(names(pair.alone(far))).containsExactly("1", "2");
    // What the old machine left takes nothing over when it starts again.
    old.close().block(LONG);
    Checkpointer again = pair.open();
    settle(again);
    assertThat(names(pair.alone(far))).containsExactly("1", "2");
    save(heir, "3");
    settle(heir);
    // But a restore there takes the newest, and the kernel back.
    RestoreReceipt back = again.restoreLatest(kernel).block(LONG);
    assertThat(back.checkpoint().name()).isEqualTo("3");
    SaveReceipt mine = save(again, "4");
    assertThat(tiers(again).copied(mine).block(LONG).outcome()).isEqualTo(Outcome.COPIED);
    heir.close().block(LONG);
    elsewhere.close().block(LONG);
  }

  @Test
  void arrivesWhateverSingleCallOfTheFarTierFails() {
    int calls = callsOfOneCopy();
    for (Fault fault : List.of(Fault.FAIL, Fault.LOSE_ANSWER)) {
      for (int n = 0; n < calls; n++) {
        delete(far, "");
        ScriptedStorage one = new ScriptedStorage("memory:" + UUID.randomUUID());
        far.failAt(n, 1, fault, true);
        Checkpointer checkpointer =
            CODEC.on(TieredStorage.of(one, far).retry(Duration.ofMillis(1), Duration.ofMillis(1)));
        save(checkpointer, "1");
        save(checkpointer, "2");
        settle(checkpointer);
        far.heal();
        Checkpointer other = pair.alone(far);
        assertThat(names(other)).as(fault + " at " + n).containsExactly("1", "2");
        assertWhole(other, "1", "2");
        collect(other);
        assertWhole(other, "1", "2");
        checkpointer.close().block(LONG);
        one.close().block(LONG);
      }
    }
  }

  private int callsOfOneCopy() {
    Checkpointer checkpointer = pair.open();
    far.heal();
    save(checkpointer, "1");
    save(checkpointer, "2");
    settle(checkpointer);
    int calls = far.calls.size();
    checkpointer.close().block(LONG);
    return calls;
  }

  @Test
  void copiesManyKernelsAtOnce() {
    Checkpointer checkpointer =
        pair.open(pair.storage().backlog(2, Overflow.WAIT).kernelsAtOnce(3));

    List<SaveReceipt> saved =
        Flux.range(0, 12)
            .flatMap(
                k ->
                    Flux.range(1, 4)
                        .concatMap(step -> checkpointer.save(new StillKernel("k" + k, step)), 1),
                12)
            .collectList()
            .block(LONG);
    settle(checkpointer);

    assertThat(saved).hasSize(48);
    Checkpointer other = pair.alone(far);
    assertThat(names(other)).hasSize(48);
    for (int k = 0; k < 12; k++) {
      StillKernel restored = new StillKernel("k" + k, 0);
      other.restoreLatest(restored).block(LONG);
      assertThat(restored.restoredStep()).isEqualTo(4);
    }
  }

  @Test
  void copiesAGroupBehindItsMembers() {
    Checkpointer checkpointer = pair.open();
    List<StampingKernel> kernels =
        IntStream.range(0, 2).mapToObj(i -> new StampingKernel("s" + i).start()).toList();
    checkpointer
        .groups()
        .save("pair", kernels.stream().map(StampingKernel::kernel).toList())
        .block(LONG);
    settle(checkpointer);

    assertThat(pair.outcomes(Outcome.COPIED, 3))
        .extracting(FarReceipt::group)
        .containsExactly(false, false, true);
    kernels.forEach(StampingKernel::close);
  }

  @Test
  void copiesWhatIsImportedOrCopiedIntoIt() {
    Checkpointer checkpointer = pair.open();
    save(checkpointer, "1");
    Checkpointer other = pair.alone(new ScriptedStorage("memory:"));
    other.save("older", TestStates.of(KERNEL, 0)).block(LONG);
    other.copy("older", checkpointer, CopyRequest.defaults()).block(LONG);
    other
        .fileContent("older")
        .flatMap(file -> checkpointer.importFile(file, SaveRequest.defaults().named("file")))
        .block(LONG);
    settle(checkpointer);

    Checkpointer there = pair.alone(far);
    assertThat(names(there)).containsExactly("1", "file", "older");
    assertThat(TestStates.loaded(there, "older")).isEqualTo(TestStates.loaded(other, "older"));
    ChangingKernel restored = new ChangingKernel(KERNEL);
    assertThat(there.restoreLatest(restored).block(LONG).checkpoint().name()).isEqualTo("1");
  }

  @Test
  void finishesWhatIsToBeCopiedWhenItIsClosed() {
    Checkpointer checkpointer = pair.open(pair.storage().finishWithin(LONG));
    save(checkpointer, "1");
    save(checkpointer, "2");

    checkpointer.close().block(LONG);

    assertWhole(pair.alone(far), "1", "2");
    assertThatThrownBy(() -> save(checkpointer, "3")).isInstanceOf(ClosedException.class);
  }

  @Test
  void givesACopyUpThatHangsWhenItIsClosed() throws InterruptedException {
    Checkpointer checkpointer = pair.open();
    settle(checkpointer);
    far.failWhen(call -> call.name().startsWith(StoreNames.OBJECTS), Fault.HANG);
    save(checkpointer, "1");
    assertThat(far.awaitHanging()).isTrue();

    CompletableFuture<Void> waiting = tiers(checkpointer).settled().toFuture();
    checkpointer.close().block(LONG);

    Patience.until("who waits is told", waiting::isDone);
    Patience.until("buffers are closed", () -> far.openBuffers.get() == 0);
    assertThat(far.list("").filter(o -> !StoreNames.isReserved(o.name())).count().block(LONG))
        .isZero();
    far.heal();
    settle(pair.open());
    assertWhole(pair.alone(far), "1");
  }

  @Test
  void opensBothByUriAndClosesThem() {
    String farUri = "memory:" + UUID.randomUUID();
    Checkpointer checkpointer = Checkpointer.builder(TieredStorage.of(nearUri, farUri)).build();
    save(checkpointer, "1");
    settle(checkpointer);
    checkpointer.close().block(LONG);

    Checkpointer alone = Checkpointer.builder(farUri).build();
    assertWhole(alone, "1");
    alone.close().block(LONG);
    assertThatThrownBy(() -> Checkpointer.builder(TieredStorage.of(nearUri, "memory")).build())
        .isInstanceOf(InvalidOptionException.class);
  }

  @Test
  void refusesSettingsThatMakeNoSense() {
    TieredStorage storage = pair.storage();

    assertThatThrownBy(() -> storage.backlog(0, Overflow.WAIT))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> storage.kernelsAtOnce(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> storage.retry(Duration.ZERO, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> storage.finishWithin(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(storage.retry(Duration.ofSeconds(1), Duration.ofSeconds(5)).pause(100))
        .isEqualTo(Duration.ofSeconds(5));
    assertThat(storage.retry(Duration.ofSeconds(1), Duration.ofSeconds(5)).pause(2))
        .isEqualTo(Duration.ofSeconds(2));
  }
}
