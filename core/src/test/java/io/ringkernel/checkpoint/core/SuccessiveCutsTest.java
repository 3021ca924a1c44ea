package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.MeetingFixture.WITH_RIGHT;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Cuts of one group that follow each other faster than a member looks. */
@Timeout(120)
class SuccessiveCutsTest {
  @RegisterExtension final MeetingFixture room = new MeetingFixture();

  /** The member's next look finds the record of the cut that follows this one. */
  private void theyLookWhenTheNextCutHasBegun() {
    room.theirStorage.before(MeetingFixture::readsACut, this::awaitTheNextCut);
  }

  /** From any later phase. */
  private void awaitTheNextCut() {
    Patience.until("the next cut has begun", () -> room.record().phase() == Cut.Phase.GATHER);
  }

  private CompletableFuture<GroupReceipt> save() {
    return room.here.groups().save(WITH_RIGHT, room.lefts()).toFuture();
  }

  /** The cut that has begun has not been touched by what came late. */
  private void assertIsCommitted(CompletableFuture<GroupReceipt> next) throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    String name = next.get(60, TimeUnit.SECONDS).name();
    assertThat(joined.get(60, TimeUnit.SECONDS).name()).isEqualTo(name);
    room.assertBothRun();
  }

  @Test
  void aMemberLearnsThatItsGroupIsCommitted() throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    room.storage.before(
        call -> call.savesEntry() && call.name().equals("first"),
        this::theyLookWhenTheNextCutHasBegun);

    GroupReceipt first =
        room.here.groups().save(WITH_RIGHT.named("first"), room.lefts()).block(LONG);
    CompletableFuture<GroupReceipt> second = save();

    GroupReceipt theirs = joined.get(60, TimeUnit.SECONDS);
    assertThat(theirs.name()).isEqualTo("first");
    assertThat(theirs.cut()).isEqualTo(first.cut());
    assertThat(theirs.members().get(0).checkpoint()).isEqualTo(first.members().get(1).checkpoint());
    assertIsCommitted(second);
    assertThat(room.groups()).hasSize(2);
    assertThat(room.here.list("").count().block(LONG)).as("its checkpoint stays").isEqualTo(6);
  }

  @Test
  void aMemberThatStandsStillLearnsWhyItsCutFailedAndRunsOn() throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    room.left.quiesceWay.set(
        stop ->
            Mono.<Void>fromRunnable(
                    () -> {
                      Patience.until(
                          "the other stands still",
                          () -> room.record().members().get(0).state() == CutRecord.State.QUIESCED);
                      theyLookWhenTheNextCutHasBegun();
                    })
                .subscribeOn(Schedulers.boundedElastic())
                .then(Mono.error(new IllegalStateException("a broken stream"))));
    assertThatThrownBy(() -> save().get(60, TimeUnit.SECONDS)).hasMessageContaining("broken");
    room.left.quiesceWay.set(stop -> stop);

    CompletableFuture<GroupReceipt> second = save();

    assertIsTold(joined, "left", "a broken stream");
    assertThat(room.right.runs()).isTrue();
    assertIsCommitted(second);
  }

  @Test
  void whatAMemberSavedForACutThatFailedIsRemovedAgain() throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    room.theirStorage.before(MeetingFixture::savesAnObject, this::awaitTheNextCut);
    room.storage.before(
        MeetingFixture::savesAnObject,
        () -> {
          Patience.until("the other saves", () -> !room.theirStorage.isStillToInterrupt());
          throw new StorageException("the disk is full", false, null);
        });
    assertThatThrownBy(() -> save().get(60, TimeUnit.SECONDS)).hasMessageContaining("disk");

    CompletableFuture<GroupReceipt> second = save();

    assertIsTold(joined, "left", "the disk is full");
    assertThat(room.here.list("").count().block(LONG)).isZero();
    assertIsCommitted(second);
  }

  @Test
  void aMemberThatStillSavesIsToldThatItsCutHasFailedAndIsThereForTheNext() throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    room.theirStorage.failWhen(MeetingFixture::savesAnObject, Fault.HANG);
    room.storage.before(
        MeetingFixture::savesAnObject,
        () -> {
          Patience.until("the other saves", room.theirStorage::isHanging);
          throw new StorageException("the disk is full", false, null);
        });
    GroupRequest request = WITH_RIGHT.timeout(Duration.ofSeconds(6));
    assertThatThrownBy(() -> room.here.groups().save(request, room.lefts()).block(LONG))
        .hasMessageContaining("disk");

    assertIsTold(joined, "left", "the disk is full");
    room.theirStorage.heal();
    assertIsCommitted(save());
  }

  private static void assertIsTold(
      CompletableFuture<GroupReceipt> joined, String culprit, String reason) {
    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains(culprit))
        .hasMessageContaining(reason);
  }

  @Test
  void aCoordinatorThatWasHeldDeadChangesNothingOfTheCutThatTookOver() {
    CompletableFuture<GroupReceipt> slow = save();
    Patience.until("it waits", () -> room.storage.count("read", StoreNames.CUTS) > 3);
    CutRecord next =
        CutRecord.opened("halves", ObjectId.random(), LONG, List.of("right"))
            .inPlaceOf(room.record().with("right", line -> line.at(CutRecord.State.READY)));
    room.put(next);

    assertThatThrownBy(() -> slow.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(GroupException.class)
        .hasMessageContaining("the cut failed: another coordinator took over");
    assertThat(room.record()).isEqualTo(next);
    assertThat(room.left.runs()).isTrue();
  }

  @Test
  void aLateReportInTheRecordThatIsReplacedIsNoOtherCut() throws Exception {
    saveOne();
    AtomicInteger late = new AtomicInteger();
    room.storage.before(
        MeetingFixture::savesACut,
        () -> {
          room.put(room.record().with("right", CutRecord.Member::alive));
          late.incrementAndGet();
        });

    assertIsCommitted(save());
    assertThat(late).hasValue(1);
  }

  private void saveOne() throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    save().get(60, TimeUnit.SECONDS);
    joined.get(60, TimeUnit.SECONDS);
  }

  @Test
  void anotherCutThatIsOpenedMeanwhileIsNotReplaced() throws Exception {
    saveOne();
    CutRecord open = room.record().at(Cut.Phase.GATHER, HlcTimestamp.ZERO);
    room.storage.before(MeetingFixture::savesACut, () -> room.put(open));

    assertThatThrownBy(() -> save().get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(GroupException.class)
        .hasMessageContaining("try again when it is over");
    assertThat(room.record()).isEqualTo(open);
  }

  @Test
  void aCutThatIsAliveIsNotWaitedFor() {
    CutRecord open =
        CutRecord.opened("halves", ObjectId.random(), Duration.ofDays(1), List.of("right"));
    room.put(open);
    CompletableFuture<GroupReceipt> save = save();
    Patience.until("it is looked at", () -> room.storage.count("read", StoreNames.CUTS) > 2);

    room.put(open.alive());

    assertThatThrownBy(() -> save.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(GroupException.class)
        .hasMessageContaining("try again when it is over");
    assertThat(room.record()).isEqualTo(open.alive());
  }

  @ParameterizedTest
  @EnumSource(names = {"FAIL", "LOSE_ANSWER"})
  void aCutWhoseOpeningWasNotAnsweredGoesOn(Fault fault) throws Exception {
    AtomicBoolean failed = new AtomicBoolean();
    room.storage.failWhen(
        call -> MeetingFixture.savesACut(call) && failed.compareAndSet(false, true), fault);

    assertIsCommitted(save());
  }

  @Test
  void whatIsToldOfThePastIsTheCutThatSomebodyMayNotHaveSeenTheEndOf() {
    CutRecord committed = opened().at(Cut.Phase.RESUME, new HlcTimestamp(1, 2, 3));
    committed = committed.over(Cut.Phase.COMMITTED, "halves/1", "");
    CutRecord nobodyCame = opened().inPlaceOf(committed);
    CutRecord cameAndDied =
        opened()
            .inPlaceOf(committed)
            .with("right", line -> line.at(CutRecord.State.READY))
            .at(Cut.Phase.QUIESCE, HlcTimestamp.ZERO);

    assertThat(opened().inPlaceOf(null).previous()).isNull();
    assertThat(nobodyCame.previous()).isEqualTo(committed.cut());
    assertThat(opened().inPlaceOf(nobodyCame).previous()).isEqualTo(committed.cut());
    Cut takenOver = opened().inPlaceOf(cameAndDied).previous();
    assertThat(takenOver)
        .isEqualTo(cameAndDied.cut().over(Cut.Phase.FAILED, "another coordinator took over", ""));
    assertThat(nobodyCame.of(ObjectId.random())).isEmpty();
  }

  @Test
  void aCommittedCutIsToldOnAsLongAsSomebodyMayNotHaveLooked() {
    CutRecord committed = opened().over(Cut.Phase.COMMITTED, "halves/1", "");
    CutRecord failed = opened().over(Cut.Phase.FAILED, "a broken stream", "left");
    List<String> both = List.of("left", "right");
    CutRecord oneCame =
        CutRecord.opened("halves", ObjectId.random(), LONG, both)
            .with("left", line -> line.failed("it gave up"));
    CutRecord allCame = oneCame.with("right", line -> line.at(CutRecord.State.READY));

    assertThat(opened().inPlaceOf(oneCame.inPlaceOf(committed)).previous())
        .isEqualTo(committed.cut());
    assertThat(opened().inPlaceOf(oneCame.inPlaceOf(failed)).previous())
        .isEqualTo(oneCame.cut().replaced());
    assertThat(opened().inPlaceOf(allCame.inPlaceOf(committed)).previous())
        .isEqualTo(allCame.cut().replaced());
  }

  @Test
  void ofACutThatWasJustCommittedNobodyKnowsTheEnd() {
    CutRecord committing =
        opened().at(Cut.Phase.RESUME, new HlcTimestamp(1, 2, 3)).committing("halves/1");

    Cut replaced = committing.cut().replaced();
    assertThat(replaced.phase()).isEqualTo(Cut.Phase.UNKNOWN);
    assertThat(replaced.outcome()).isEqualTo("halves/1");
    CutRecord next = opened().inPlaceOf(committing.with("right", l -> l.at(CutRecord.State.SAVED)));
    assertThat(CutRecord.decode(next.encode()).previous()).isEqualTo(replaced);
    assertThat(CutRecord.decode(committing.encode())).isEqualTo(committing);
  }

  private static CutRecord opened() {
    return CutRecord.opened("halves", ObjectId.random(), LONG, List.of("right"));
  }
}
