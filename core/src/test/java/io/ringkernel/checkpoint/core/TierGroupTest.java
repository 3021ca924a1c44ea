package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.FieldPair.member;
import static io.ringkernel.checkpoint.core.StoreFixture.collect;
import static io.ringkernel.checkpoint.core.StoreFixture.names;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static io.ringkernel.checkpoint.core.TierFixture.settle;
import static io.ringkernel.checkpoint.core.TierFixture.tiers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.core.FarReceipt.Outcome;
import io.ringkernel.checkpoint.core.ScriptedStorage.Call;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.core.TieredStorage.Overflow;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Groups of two kernels in two tiers: each becomes far behind its members. */
@Timeout(120)
class TierGroupTest {
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(2);

  private final TierFixture pair;
  private final ScriptedStorage near;
  private final ScriptedStorage far;
  private final List<FarReceipt> told;
  private final FieldPair room = new FieldPair();
  private final FieldKernel left = room.left;
  private final FieldKernel right = room.right;
  private final List<QuiescableKernel> kernels = room.kernels;

  TierGroupTest(@TempDir Path directory) {
    pair = new TierFixture(CODEC, directory.toUri().toString());
    near = pair.near;
    far = pair.far;
    told = pair.told;
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private List<FarReceipt> ofGroups(Outcome outcome) {
    return pair.outcomes(outcome).stream().filter(FarReceipt::group).toList();
  }

  private static void prune(Checkpointer checkpointer) {
    checkpointer.prune(RetentionPolicy.keepLast(1)).block(LONG);
    collect(checkpointer);
  }

  private static Predicate<Call> writes(String name) {
    return call -> call.operation().equals("save") && call.name().startsWith(name);
  }

  private void assertRestores(
      Checkpointer checkpointer, GroupReceipt group, List<ByteBuffer> states) {
    room.assertRestores(checkpointer, group.name(), states);
    room.wipe();
    assertThat(checkpointer.groups().restoreLatest("room", kernels).block(LONG).group().name())
        .isEqualTo(group.name());
    assertThat(room.states()).isEqualTo(states);
  }

  @Test
  void isRestoredFromTheFarTierAloneWhenTheNearOneIsGone() {
    Checkpointer checkpointer = pair.open();
    room.save(checkpointer);
    GroupReceipt saved = room.save(checkpointer);
    List<ByteBuffer> states = room.states();
    FarReceipt receipt = tiers(checkpointer).copied(saved).block(LONG);
    settle(checkpointer);

    assertThat(receipt.outcome()).isEqualTo(Outcome.COPIED);
    assertThat(receipt.group()).isTrue();
    assertThat(receipt.name()).isEqualTo(saved.name());
    assertThat(receipt.kernelId()).isEqualTo("room");
    assertThat(names(pair.alone(far))).hasSize(6);
    assertRestores(pair.alone(far), saved, states);
    ScriptedStorage empty = new ScriptedStorage("memory:" + UUID.randomUUID());
    Checkpointer elsewhere = pair.open(pair.storage(empty));
    assertRestores(elsewhere, saved, states);
    left.wipe();
    elsewhere
        .groups()
        .restoreMember(left.kernel(), saved.name(), RestoreOptions.defaults())
        .block(LONG);
    assertThat(left.state()).isEqualTo(states.get(0).array());
    assertThat(
            elsewhere.groups().openMember(saved.name(), "right").block(LONG).metadata().kernelId())
        .isEqualTo("right");
    settle(elsewhere);
    GroupReceipt next = room.save(elsewhere);
    assertThat(tiers(elsewhere).copied(next).block(LONG).outcome()).isEqualTo(Outcome.COPIED);
  }

  @Test
  void isFarOnlyWhenAllItsMembersAreAndKeepsThemFromBeingPrunedUntilThen() {
    Checkpointer checkpointer = pair.open();
    settle(checkpointer);
    far.failWhen(writes(StoreNames.head("right")), Fault.FAIL);
    GroupReceipt first = room.save(checkpointer);
    List<ByteBuffer> states = room.states();
    Patience.until(
        "the left one is far",
        () ->
            told.stream()
                .anyMatch(one -> one.outcome() == Outcome.COPIED && one.kernelId().equals("left")));

    assertThat(names(tiers(checkpointer).far())).containsExactly(member(first, 0));
    // A listener may be told a moment before it is counted no more.
    Patience.until("two are left", () -> tiers(checkpointer).backlog() == 2);
    left.advance();
    SaveReceipt later = checkpointer.save(left.kernel()).block(LONG);
    tiers(checkpointer).copied(later).block(LONG);
    prune(checkpointer);
    assertThat(names(checkpointer)).contains(member(first, 0), member(first, 1));
    far.heal();
    settle(checkpointer);

    prune(checkpointer);
    assertThat(near.list(member(first, 0)).count().block(LONG)).isZero();
    assertRestores(pair.alone(far), first, states);
  }

  @Test
  void followsItsMembersAfterACrashBetweenThemAndTheManifest() {
    Checkpointer checkpointer = pair.open();
    settle(checkpointer);
    far.failWhen(writes("room/"), Fault.HANG);
    GroupReceipt saved = room.save(checkpointer);
    List<ByteBuffer> states = room.states();
    Patience.until("it is on its way", far::isHanging);
    assertThat(names(tiers(checkpointer).far()))
        .containsExactly(member(saved, 0), member(saved, 1));
    checkpointer.close().block(LONG);
    far.heal();

    Checkpointer next = pair.open();
    settle(next);

    assertThat(tiers(next).copied(saved).block(LONG).outcome()).isEqualTo(Outcome.COPIED);
    assertRestores(pair.alone(far), saved, states);
  }

  @Test
  void isTakenUpWithItsMembersWhenAnEarlierProcessLeftBoth() {
    pair.breakFar();
    Checkpointer earlier = pair.open();
    GroupReceipt saved = room.save(earlier);
    List<ByteBuffer> states = room.states();
    earlier.close().block(LONG);
    far.heal();

    Checkpointer next = pair.open();
    settle(next);

    assertRestores(pair.alone(far), saved, states);
  }

  @Test
  void isNotSentAgainOnceItWasFar() {
    Checkpointer checkpointer = pair.open();
    GroupReceipt kept = room.save(checkpointer);
    GroupReceipt removed = room.save(checkpointer);
    settle(checkpointer);
    // Something of each kernel stays, so that the far tier knows what it had.
    room.save(checkpointer);
    settle(checkpointer);
    Checkpointer there = tiers(checkpointer).far();
    there.delete(removed.name()).block(LONG);
    there.delete(member(removed, 0)).block(LONG);
    // Receipts may come a little later than what they are of.
    pair.outcomes(Outcome.COPIED, 9);
    checkpointer.close().block(LONG);
    told.clear();

    Checkpointer next = pair.open();
    settle(next);

    assertThat(names(tiers(next).far())).contains(kept.name()).doesNotContain(removed.name());
    assertThat(tiers(next).copied(kept).block(LONG).outcome()).isEqualTo(Outcome.COPIED);
    assertThatThrownBy(() -> tiers(next).copied(removed).block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class);
    next.close().block(LONG);
    assertThat(told).isEmpty();
  }

  @Test
  void arrivesWhateverSingleCallOfTheFarTierFails() {
    Checkpointer first = pair.open();
    settle(first);
    far.heal();
    room.save(first);
    settle(first);
    int calls = far.calls.size();
    first.close().block(LONG);
    for (Fault fault : List.of(Fault.FAIL, Fault.LOSE_ANSWER)) {
      for (int n = 0; n < calls; n++) {
        ScriptedStorage one = new ScriptedStorage("memory:" + UUID.randomUUID());
        Checkpointer checkpointer = pair.open(pair.storage(one));
        settle(checkpointer);
        far.failAt(n, 1, fault, true);
        GroupReceipt saved = room.save(checkpointer);
        List<ByteBuffer> states = room.states();
        FarReceipt receipt = tiers(checkpointer).copied(saved).block(LONG);
        far.heal();
        assertThat(receipt.outcome()).as(fault + " at " + n).isEqualTo(Outcome.COPIED);
        assertRestores(pair.alone(far), saved, states);
        checkpointer.close().block(LONG);
      }
    }
  }

  @Test
  void waitsBeforeItsKernelsAreStoppedWhenTooManyOfOneWait() {
    pair.breakFar();
    Checkpointer checkpointer = pair.open(pair.storage().backlog(1, Overflow.WAIT));
    SaveReceipt first = checkpointer.save(right.kernel()).block(LONG);
    AtomicReference<GroupReceipt> second = new AtomicReference<>();
    checkpointer.groups().save("room", kernels).subscribe(second::set);
    // The left one has room, and is not held by a group that can't be saved.
    checkpointer.save(left.kernel()).block(LONG);

    assertThat(second).hasNullValue();
    assertThat(tiers(checkpointer).backlog()).isEqualTo(2);
    far.heal();
    Patience.until("it was saved", () -> second.get() != null);

    assertThat(tiers(checkpointer).copied(first).block(LONG).outcome()).isEqualTo(Outcome.COPIED);
    assertThat(tiers(checkpointer).copied(second.get()).block(LONG).outcome())
        .isEqualTo(Outcome.COPIED);
  }

  @Test
  void waitsAlsoWhenTooManyOfItsCutsWait() {
    Checkpointer checkpointer = pair.open(pair.storage().backlog(1, Overflow.WAIT));
    settle(checkpointer);
    far.failWhen(writes("room/"), Fault.FAIL);
    room.save(checkpointer);
    Patience.until("its members are copied", () -> tiers(checkpointer).backlog() == 1);
    AtomicReference<GroupReceipt> second = new AtomicReference<>();
    checkpointer.groups().save("room", kernels).subscribe(second::set);
    checkpointer.save(left.kernel()).block(LONG);

    assertThat(second).hasNullValue();
    far.heal();
    Patience.until("it was saved", () -> second.get() != null);
  }

  @Test
  void isCopiedWhenNobodyCouldTellWhetherItWasCommitted() {
    Checkpointer checkpointer = pair.open();
    settle(checkpointer);
    AtomicInteger lost = new AtomicInteger();
    near.refuseWhen(
        call ->
            call.name().equals("cut")
                && (call.savesEntry() || lost.get() > 0)
                && lost.incrementAndGet() <= 2,
        Fault.LOSE_ANSWER);

    assertThatThrownBy(
            () ->
                checkpointer
                    .groups()
                    .save(GroupRequest.of("room").named("cut"), kernels)
                    .block(LONG))
        .isInstanceOf(CommitStateUnknownException.class);
    settle(checkpointer);

    assertThat(names(pair.alone(far))).hasSize(3).contains("cut");
  }

  @Test
  void waitsAlsoWhenTooManyOfAKernelThatJoinsWait() {
    pair.breakFar();
    Checkpointer here = pair.open(pair.storage().backlog(1, Overflow.WAIT));
    Checkpointer there = pair.alone(near);
    GroupRequest request = GroupRequest.of("room").pollInterval(Duration.ofMillis(10));
    CompletableFuture<GroupReceipt> joined =
        there.groups().join(request, right.kernel()).toFuture();
    here.groups().save(request.joinedBy("right"), List.of()).block(LONG);
    joined.join();
    near.heal();

    AtomicReference<GroupReceipt> second = new AtomicReference<>();
    here.groups().save(request.joinedBy("right"), List.of()).subscribe(second::set);
    here.save(left.kernel()).block(LONG);
    assertThat(near.count("read", StoreNames.cut("room"))).as("nobody is asked to join").isZero();
    far.heal();
    there.groups().join(request, right.kernel()).subscribe();

    Patience.until("it was saved", () -> second.get() != null);
  }

  @Test
  void itsReceiptTellsWhenTheFarTierFails() {
    pair.breakFar();
    Checkpointer checkpointer = pair.open();

    Patience.until(
        "it is told",
        () ->
            room.save(checkpointer).members().stream()
                .allMatch(member -> member.notes().toString().contains("far tier")));
  }

  @Test
  void costsTheFarTierAFewSmallRequestsBesideItsMembers() {
    Checkpointer source = pair.alone(near);
    GroupReceipt first = room.save(source);
    GroupReceipt second = room.save(source);
    Checkpointer target = pair.alone(far);
    source.groups().copy(first.name(), target, CopyRequest.defaults()).block(LONG);
    for (int n = 0; n < 2; n++) {
      source.copy(member(second, n), target, CopyRequest.defaults()).block(LONG);
    }
    far.heal();

    new GroupCopier(source.engine(), target.engine())
        .follow(new Located.Group(second.name(), manifest(source, second)))
        .block(LONG);

    int members = 2;
    int objects = 4;
    assertThat(far.calls).as("%s", far.calls).hasSizeLessThanOrEqualTo(9 + 2 * members + objects);
  }

  private static GroupManifest manifest(Checkpointer store, GroupReceipt group) {
    Located located = store.engine().resolver.resolve(group.name()).block(LONG);
    return ((Located.Group) located).manifest();
  }

  @Test
  void isSkippedWithAMemberWhenTooManyWait() {
    pair.breakFar();
    Checkpointer checkpointer = pair.open(pair.storage().backlog(1, Overflow.SKIP_OLDEST));
    GroupReceipt first = room.save(checkpointer);
    GroupReceipt second = room.save(checkpointer);
    FarReceipt skipped = tiers(checkpointer).copied(first).block(LONG);
    far.heal();
    settle(checkpointer);

    assertThat(skipped.outcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(tiers(checkpointer).copied(second).block(LONG).outcome()).isEqualTo(Outcome.COPIED);
    assertThat(names(tiers(checkpointer).far())).doesNotContain(first.name());
  }

  @Test
  void isPassedOverWhenItWasDeletedAndFailsWhenAMemberWas() {
    pair.breakFar();
    Checkpointer checkpointer = pair.open();
    GroupReceipt deleted = room.save(checkpointer);
    GroupReceipt broken = room.save(checkpointer);
    checkpointer.delete(deleted.name()).block(LONG);
    checkpointer.delete(member(broken, 1)).block(LONG);
    far.heal();
    settle(checkpointer);

    assertThat(tiers(checkpointer).copied(deleted).block(LONG).outcome()).isEqualTo(Outcome.GONE);
    FarReceipt failed = tiers(checkpointer).copied(broken).block(LONG);
    assertThat(failed.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(failed.failure())
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"));
    Patience.until("both are told", () -> ofGroups(Outcome.FAILED).size() == 1);
    assertThat(names(tiers(checkpointer).far()))
        .doesNotContain(deleted.name(), broken.name())
        .contains(member(deleted, 1), member(broken, 0));
  }

  @Test
  void isRestoredFromItsCopyWhenAMemberIsDamagedNear() {
    Checkpointer checkpointer = pair.open();
    room.save(checkpointer);
    GroupReceipt saved = room.save(checkpointer);
    List<ByteBuffer> states = room.states();
    settle(checkpointer);
    near.put(StoreNames.object(saved.members().get(1).checkpoint().objectId()), "damaged");

    assertRestores(checkpointer, saved, states);

    assertThat(checkpointer.groups().restoreLatest("room", kernels).block(LONG).skipped())
        .isEmpty();
  }

  @Test
  void isRestoredFromItsCopyWhenItsManifestIsDamagedNear() {
    Checkpointer checkpointer = pair.open();
    room.save(checkpointer);
    GroupReceipt saved = room.save(checkpointer);
    List<ByteBuffer> states = room.states();
    settle(checkpointer);
    String manifest = new String(BareFiles.stored(near, saved.name()), StandardCharsets.UTF_8);
    near.put(saved.name(), manifest.replace("members 2", "members 3"));

    assertRestores(checkpointer, saved, states);
  }

  @Test
  void passesOverACutThatIsWholeInNeitherTier() {
    Checkpointer checkpointer = pair.open();
    GroupReceipt whole = room.save(checkpointer);
    byte[] state = left.state();
    GroupReceipt damaged = room.save(checkpointer);
    settle(checkpointer);
    String object = StoreNames.object(damaged.members().get(0).checkpoint().objectId());
    near.put(object, "damaged");
    far.put(object, "damaged as well");

    GroupRestoreReceipt receipt = checkpointer.groups().restoreLatest("room", kernels).block(LONG);

    assertThat(receipt.group().name()).isEqualTo(whole.name());
    assertThat(left.state()).isEqualTo(state);
    assertThat(receipt.skipped())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.name()).isEqualTo(damaged.name());
              assertThat(one.reason().getSuppressed()).hasSize(1);
            });
  }

  @Test
  void isRestoredFromTheNearTierWhileTheFarOneIsAway() {
    Checkpointer checkpointer = pair.open();
    GroupReceipt saved = room.save(checkpointer);
    List<ByteBuffer> states = room.states();
    settle(checkpointer);
    pair.breakFar();

    assertRestores(checkpointer, saved, states);
  }

  @Test
  void followsAlsoMembersOfAnotherProcess() {
    Checkpointer here = pair.open();
    Checkpointer there = pair.open();
    GroupRequest request = GroupRequest.of("room").pollInterval(Duration.ofMillis(10));
    AtomicReference<GroupReceipt> joined = new AtomicReference<>();
    there.groups().join(request, right.kernel()).subscribe(joined::set);

    GroupReceipt saved =
        here.groups().save(request.joinedBy("right"), List.of(left.kernel())).block(LONG);
    FarReceipt receipt = tiers(here).copied(saved).block(LONG);

    assertThat(receipt.outcome()).isEqualTo(Outcome.COPIED);
    assertRestores(pair.alone(far), saved, room.states());
    Patience.until("the other knows", () -> joined.get() != null);
    settle(there);
    assertThat(tiers(there).copied(joined.get()).block(LONG).outcome()).isEqualTo(Outcome.COPIED);
    assertThat(ofGroups(Outcome.FAILED)).isEmpty();
  }

  @Test
  void goesOnToTheFarTierWhenItIsCopiedIntoTheNearOne() {
    ScriptedStorage third = new ScriptedStorage("memory:" + UUID.randomUUID());
    Checkpointer other = pair.alone(third);
    GroupReceipt saved = room.save(other);
    List<ByteBuffer> states = room.states();
    Checkpointer checkpointer = pair.open();

    other.groups().copy(saved.name(), checkpointer, CopyRequest.defaults()).block(LONG);

    assertThat(tiers(checkpointer).copied(saved).block(LONG).outcome()).isEqualTo(Outcome.COPIED);
    settle(checkpointer);
    assertRestores(pair.alone(far), saved, states);
    ScriptedStorage fourth = new ScriptedStorage("memory:" + UUID.randomUUID());
    Checkpointer back = pair.alone(fourth);
    near.list("room/").concatMap(one -> near.delete(one.name(), null)).then().block(LONG);
    checkpointer.groups().copy(saved.name(), back, CopyRequest.defaults()).block(LONG);
    assertRestores(back, saved, states);
  }
}
