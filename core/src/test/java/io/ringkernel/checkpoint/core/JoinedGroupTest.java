package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.MeetingFixture.GROUP;
import static io.ringkernel.checkpoint.core.MeetingFixture.WITH_RIGHT;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Two checkpointers, as of two processes, that meet in the store. */
@Timeout(120)
class JoinedGroupTest {
  private static final Duration SHORT = Duration.ofMillis(500);

  @RegisterExtension final MeetingFixture room = new MeetingFixture();
  private final ScriptedStorage storage = room.storage;
  private final ScriptedStorage theirStorage = room.theirStorage;
  private final Checkpointer here = room.here;
  private final Checkpointer there = room.there;
  private final StampingKernel left = room.left;
  private final StampingKernel right = room.right;

  @Test
  void membersOfTwoProcessesAreCapturedAtOneCut() throws Exception {
    for (int i = 0; i < 3; i++) {
      CompletableFuture<GroupReceipt> joined = room.join();
      GroupReceipt receipt = here.groups().save(WITH_RIGHT, room.lefts()).block(LONG);
      GroupReceipt theirs = joined.get(60, TimeUnit.SECONDS);

      assertThat(receipt.members())
          .extracting(member -> member.checkpoint().metadata().kernelId())
          .containsExactly("left", "right");
      assertThat(theirs.name()).isEqualTo(receipt.name());
      assertThat(theirs.cut()).isEqualTo(receipt.cut());
      assertThat(theirs.members().get(0).checkpoint())
          .isEqualTo(receipt.members().get(1).checkpoint());
      assertThat(receipt.members()).allSatisfy(m -> assertThat(m.stall()).isPositive());
      var one = here.load(receipt.members().get(0).checkpoint().name()).block(LONG);
      var other = here.load(receipt.members().get(1).checkpoint().name()).block(LONG);
      assertThat(StampingKernel.inboxOf(one)).isEqualTo(StampingKernel.stepOf(other));
      assertThat(StampingKernel.inboxOf(other)).isEqualTo(StampingKernel.stepOf(one));
      assertThat(other.metadata().hlc()).isEqualTo(one.metadata().hlc()).isEqualTo(receipt.cut());
    }
    here.groups()
        .restore(room.groups().get(0).name(), List.of(left.kernel(), right.kernel()))
        .block(LONG);
    room.assertBothRun();
  }

  @Test
  void namesTheMemberThatNeverJoins() {
    assertThatThrownBy(
            () -> here.groups().save(WITH_RIGHT.timeout(SHORT), room.lefts()).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasMessageContaining("no sign of it");
    assertThat(left.stops).as("nobody stood still for that").hasValue(0);
    assertThat(room.groups()).isEmpty();
  }

  @Test
  void namesTheMemberWhoseProcessDiesWhileAllStandStill() {
    Disposable dying = joinAndDieStanding();

    assertThatThrownBy(
            () -> here.groups().save(WITH_RIGHT.timeout(SHORT), room.lefts()).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasMessageContaining("no sign of it");
    assertThat(left.runs()).isTrue();
    assertThat(room.groups()).isEmpty();
    dying.dispose();
    Patience.until("the other's kernel runs on when it is let go", right::runs);
  }

  @Test
  void aMemberWhoseStorageHangsRunsOn() {
    right.quiesceWay.set(
        stop ->
            stop.doOnSuccess(done -> theirStorage.failWhen(MeetingFixture::savesACut, Fault.HANG)));
    CompletableFuture<GroupReceipt> joined = room.join();

    assertThatThrownBy(
            () -> here.groups().save(WITH_RIGHT.timeout(SHORT), room.lefts()).block(LONG))
        .isInstanceOf(GroupException.class);
    room.assertBothRun();
    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(StorageException.class)
        .hasMessageContaining("within 500 ms");
  }

  @Test
  void aCoordinatorWhoseStorageHangsLetsItsKernelsRunOn() throws Exception {
    there.groups().join(GROUP, right.kernel()).subscribe(receipt -> {}, error -> {});
    left.quiesceWay.set(
        stop -> stop.doOnSuccess(done -> storage.failWhen(MeetingFixture::savesACut, Fault.HANG)));

    CompletableFuture<GroupReceipt> save =
        here.groups().save(WITH_RIGHT.timeout(SHORT), room.lefts()).toFuture();
    assertThatThrownBy(() -> save.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(GroupException.class);
    room.assertBothRun();
  }

  @Test
  void tellsTheCoordinatorWhyAMemberDoesNotRunOn() {
    CutKernel stuck = new CutKernel("right");
    stuck.resuming = Mono.error(new IllegalStateException("stuck"));
    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, stuck).toFuture();

    assertThatThrownBy(() -> here.groups().save(WITH_RIGHT, room.lefts()).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasMessageContaining("stuck");
    assertThat(joined).isCompletedExceptionally();
    room.assertNothingIsLeft();
  }

  /** Joins, and hangs in the write that follows the stop of its kernel. */
  private Disposable joinAndDieStanding() {
    right.quiesceWay.set(
        stop ->
            stop.doOnSuccess(
                done ->
                    theirStorage.failWhen(call -> call.operation().equals("save"), Fault.HANG)));
    return there.groups().join(GROUP, right.kernel()).subscribe(receipt -> {}, error -> {});
  }

  @Test
  void aMemberWhoseCoordinatorDiesRunsOn() throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    // The coordinator ends before it asks for the capture, with everybody standing still.
    left.quiesceWay.set(stop -> Mono.never());
    Disposable save =
        here.groups().save(WITH_RIGHT.timeout(SHORT), room.lefts()).subscribe(r -> {}, e -> {});
    Patience.until("it stands still", () -> right.stops.get() > 0);
    storage.failWhen(MeetingFixture::savesACut, Fault.FAIL);
    save.dispose();

    assertThat(right.runs()).isTrue();
    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(GroupException.class)
        .hasMessageContaining("no sign of the coordinator");
    storage.heal();
    left.quiesceWay.set(stop -> stop);
    assertThat(room.groups()).isEmpty();

    // What the dead one left open is taken over by the next.
    CompletableFuture<GroupReceipt> again = room.join();
    GroupReceipt receipt = here.groups().save(WITH_RIGHT, room.lefts()).block(LONG);
    assertThat(again.get(60, TimeUnit.SECONDS).name()).isEqualTo(receipt.name());
    room.assertBothRun();
  }

  @Test
  void aMemberThatFailsIsTheNamedCulpritForAll() {
    right.quiesceWay.set(stop -> Mono.error(new IllegalStateException("a broken stream")));
    CompletableFuture<GroupReceipt> joined = room.join();

    assertThatThrownBy(() -> here.groups().save(WITH_RIGHT, room.lefts()).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasMessageContaining("a broken stream");
    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS))
        .hasMessageContaining("a broken stream");
    right.quiesceWay.set(stop -> stop);
    room.assertBothRun();
    assertThat(room.groups()).isEmpty();
  }

  @Test
  void aMemberIsToldWhoElseFailed() {
    left.quiesceWay.set(stop -> Mono.error(new IllegalStateException("a broken stream")));
    CompletableFuture<GroupReceipt> joined = room.join();

    assertThatThrownBy(() -> here.groups().save(WITH_RIGHT, room.lefts()).block(LONG))
        .isInstanceOf(GroupException.class);
    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("left"));
    left.quiesceWay.set(stop -> stop);
    room.assertBothRun();
    assertThat(here.list("").collectList().block(LONG)).isEmpty();
  }

  @Test
  void ofTwoCoordinatorsAtOnceOneIsRefused() throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    StampingKernel third = new StampingKernel("third").start();
    CompletableFuture<GroupReceipt> first = here.groups().save(WITH_RIGHT, room.lefts()).toFuture();
    CompletableFuture<GroupReceipt> second =
        there.groups().save(WITH_RIGHT, List.of(third.kernel())).toFuture();

    GroupReceipt theirs = joined.get(60, TimeUnit.SECONDS);

    CompletableFuture<GroupReceipt> winner =
        first.handle((receipt, error) -> error == null).get(60, TimeUnit.SECONDS) ? first : second;
    assertThat(winner.get(60, TimeUnit.SECONDS).name()).isEqualTo(theirs.name());
    CompletableFuture<GroupReceipt> loser = winner == first ? second : first;
    // Refused at once, or it opened its own cut when the first was over, to which nobody came.
    assertThatThrownBy(() -> loser.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(GroupException.class);
    assertThat(room.groups()).hasSize(1);
    assertThat(third.runs()).isTrue();
    room.assertBothRun();
    third.close();
  }

  @Test
  void aCutThatEndsWhileItIsLookedAtIsNoObstacle() throws Exception {
    CutRecord theirs = CutRecord.opened("halves", ObjectId.random(), LONG, List.of());
    String place = StoreNames.cut("halves");
    room.put(theirs);
    CompletableFuture<GroupReceipt> save = here.groups().save(WITH_RIGHT, room.lefts()).toFuture();
    Patience.until("it is looked at", () -> storage.count("read", place) > 2);
    room.put(theirs.over(Cut.Phase.FAILED, "it gave up", ""));

    CompletableFuture<GroupReceipt> joined = room.join();
    assertThat(joined.get(60, TimeUnit.SECONDS).name())
        .isEqualTo(save.get(60, TimeUnit.SECONDS).name());
  }

  /** Nobody who reads of it else knows what to look at, or to remove. */
  @Test
  void aRecordThatCantBeReadIsToldWithItsPlace() {
    String place = StoreNames.cut("halves");
    byte[] ofOthers =
        CutRecord.opened("others", ObjectId.random(), Duration.ofMillis(1), List.of("right"))
            .encode();

    for (byte[] bytes : List.of("no record".getBytes(US_ASCII), ofOthers)) {
      BareFiles.put(storage, place, bytes);

      assertThatThrownBy(() -> here.groups().save(WITH_RIGHT, room.lefts()).block(LONG))
          .isInstanceOfSatisfying(
              CorruptCheckpointException.class, e -> assertThat(e.checkpoint()).contains(place));
      assertThatThrownBy(() -> there.groups().join(GROUP, right.kernel()).block(LONG))
          .isInstanceOfSatisfying(
              CorruptCheckpointException.class, e -> assertThat(e.checkpoint()).contains(place));
    }
    room.assertBothRun();
  }

  @Test
  void aStepMayTakeForEver() throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    GroupRequest patient = WITH_RIGHT.timeout(ChronoUnit.FOREVER.getDuration());

    GroupReceipt receipt = here.groups().save(patient, room.lefts()).block(LONG);

    assertThat(joined.get(60, TimeUnit.SECONDS).name()).isEqualTo(receipt.name());
  }

  @Test
  void aMemberThatIsCancelledIsTheCulprit() {
    left.quiesceWay.set(stop -> Mono.never());
    Disposable joined = there.groups().join(GROUP, right.kernel()).subscribe();
    CompletableFuture<GroupReceipt> save = here.groups().save(WITH_RIGHT, room.lefts()).toFuture();
    Patience.until("it stands still", () -> right.stops.get() > 0);

    joined.dispose();

    assertThat(right.runs()).isTrue();
    assertThatThrownBy(() -> save.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(GroupException.class)
        .hasMessageContaining("right");
    left.quiesceWay.set(stop -> stop);
  }

  @Test
  void aSlowSaveIsNotADeadMember() throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    // Signs of life must come in time on a busy machine, too.
    Duration step = Duration.ofSeconds(2);
    theirStorage.before(MeetingFixture::savesAnObject, () -> waitFor(step.multipliedBy(2)));

    GroupReceipt receipt = here.groups().save(WITH_RIGHT.timeout(step), room.lefts()).block(LONG);

    assertThat(joined.get(60, TimeUnit.SECONDS).name()).isEqualTo(receipt.name());
  }

  @Test
  void aSlowSaveIsNotADeadCoordinator() throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    Duration step = Duration.ofSeconds(2);
    storage.before(
        MeetingFixture::savesAnObject, () -> waitFor(step.multipliedBy(Meetings.PATIENCE + 1)));

    GroupReceipt receipt = here.groups().save(WITH_RIGHT.timeout(step), room.lefts()).block(LONG);

    assertThat(joined.get(60, TimeUnit.SECONDS).name()).isEqualTo(receipt.name());
  }

  @Test
  void whatAMemberSavesAfterTheCutHasFailedIsRemovedAgain() {
    CompletableFuture<GroupReceipt> joined = room.join();
    theirStorage.before(
        MeetingFixture::savesAnObject,
        () ->
            Patience.until("the cut has failed", () -> room.record().phase() == Cut.Phase.FAILED));
    storage.before(
        MeetingFixture::savesAnObject,
        () -> {
          Patience.until("the other saves", () -> !theirStorage.isStillToInterrupt());
          throw new StorageException("the disk is full", false, null);
        });

    assertFailsWithNothingLeft(WITH_RIGHT, joined);
  }

  @Test
  void whatAMemberHasReportedIsRemovedAgainAlsoWhenItsCoordinatorHadNotSeenIt() {
    CompletableFuture<GroupReceipt> joined = room.join();
    storage.before(
        MeetingFixture::savesAnObject,
        () -> {
          Patience.until(
              "the other is saved",
              () -> room.record().members().get(0).state() == CutRecord.State.SAVED);
          throw new StorageException("the disk is full", false, null);
        });
    // It looks so seldom that it fails before it looks again.
    assertFailsWithNothingLeft(WITH_RIGHT.pollInterval(Duration.ofMillis(500)), joined);
  }

  private void assertFailsWithNothingLeft(
      GroupRequest request, CompletableFuture<GroupReceipt> joined) {
    assertThatThrownBy(() -> here.groups().save(request, room.lefts()).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("left"));
    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(GroupException.class);
    room.assertNothingIsLeft();
  }

  @Test
  void whatAMemberCouldNotReportInTimeIsRemovedAgain() {
    CompletableFuture<GroupReceipt> joined = room.join();
    AtomicBoolean lost = new AtomicBoolean();
    theirStorage.before(
        ScriptedStorage.Call::savesEntry,
        () -> {
          theirStorage.failWhen(
              call -> MeetingFixture.savesACut(call) && lost.compareAndSet(false, true),
              Fault.FAIL);
          theirStorage.before(
              call -> MeetingFixture.readsACut(call) && lost.get(),
              () -> Patience.until("the cut has failed", () -> room.record().isOver()));
        });
    storage.before(
        MeetingFixture::savesAnObject,
        () -> {
          Patience.until("the other's report is lost", lost::get);
          throw new StorageException("the disk is full", false, null);
        });

    assertThatThrownBy(() -> here.groups().save(WITH_RIGHT, room.lefts()).block(LONG))
        .hasMessageContaining("disk");
    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS)).hasMessageContaining("disk");
    assertThat(there.list("").collectList().block(LONG)).isEmpty();
  }

  @Test
  void whatAMemberHasReportedStaysAlsoWhenNobodyAnswersItsReport() {
    CompletableFuture<GroupReceipt> joined = room.join();
    theirStorage.before(
        ScriptedStorage.Call::savesEntry,
        () -> theirStorage.failWhen(MeetingFixture::savesACut, Fault.DO_AND_HANG));

    GroupReceipt saved =
        here.groups().save(WITH_RIGHT.timeout(Duration.ofSeconds(3)), room.lefts()).block(LONG);

    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(StorageException.class);
    assertThat(there.info(saved.members().get(1).checkpoint().name()).block(LONG)).isNotNull();
  }

  @Test
  void aSlowCommitIsNotADeadCoordinator() throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    String name = "named";
    Duration step = Duration.ofSeconds(2);
    storage.before(
        call -> call.operation().equals("save") && call.name().equals(name),
        () -> waitFor(step.multipliedBy(Meetings.PATIENCE + 1)));

    here.groups().save(WITH_RIGHT.timeout(step).named(name), room.lefts()).block(LONG);

    assertThat(joined.get(60, TimeUnit.SECONDS).name()).isEqualTo(name);
  }

  @Test
  void aSignOfLifeThatIsLostIsNoDeath() throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    AtomicInteger lost = new AtomicInteger();
    theirStorage.before(
        MeetingFixture::savesAnObject,
        () -> {
          theirStorage.failWhen(
              call ->
                  MeetingFixture.savesACut(call)
                      && lost.incrementAndGet() <= Again.MOST_LOST_ANSWERS,
              Fault.FAIL);
          Patience.until("one is lost", () -> lost.get() > Again.MOST_LOST_ANSWERS);
        });

    GroupReceipt receipt =
        here.groups().save(WITH_RIGHT.timeout(Duration.ofSeconds(3)), room.lefts()).block(LONG);

    assertThat(joined.get(60, TimeUnit.SECONDS).name()).isEqualTo(receipt.name());
  }

  private static void waitFor(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
