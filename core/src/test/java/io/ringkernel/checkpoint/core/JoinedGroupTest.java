package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Two checkpointers, as of two processes, that meet in the store. */
@Timeout(120)
class JoinedGroupTest {
  private static final GroupRequest GROUP =
      GroupRequest.of("halves").pollInterval(Duration.ofMillis(5)).timeout(Duration.ofSeconds(20));
  private static final GroupRequest WITH_RIGHT = GROUP.joinedBy("right");
  private static final Duration SHORT = Duration.ofMillis(500);

  private final String store = "memory:" + UUID.randomUUID();
  private final ScriptedStorage storage = new ScriptedStorage(store);
  private final ScriptedStorage theirStorage = new ScriptedStorage(store);
  private final Checkpointer here = Checkpointer.builder(storage).parallelism(1).build();
  private final Checkpointer there = Checkpointer.builder(theirStorage).parallelism(1).build();
  private final StampingKernel left = new StampingKernel("left");
  private final StampingKernel right = new StampingKernel("right");

  JoinedGroupTest() {
    StampingKernel.pair(left, right);
  }

  @AfterEach
  void close() {
    storage.heal();
    theirStorage.heal();
    left.close();
    right.close();
    here.close().block(LONG);
    there.close().block(LONG);
    for (ScriptedStorage each : List.of(storage, theirStorage)) {
      Patience.until("buffers are closed", () -> each.openBuffers.get() == 0);
      each.close().block(LONG);
    }
  }

  private List<QuiescableKernel> lefts() {
    return List.of(left.kernel());
  }

  private void assertBothRun() {
    assertThat(left.runs()).isTrue();
    assertThat(right.runs()).isTrue();
  }

  private List<GroupInfo> groups() {
    return here.list("").ofType(GroupInfo.class).collectList().block(LONG);
  }

  @Test
  void membersOfTwoProcessesAreCapturedAtOneCut() throws Exception {
    for (int i = 0; i < 3; i++) {
      CompletableFuture<GroupReceipt> joined =
          there.groups().join(GROUP, right.kernel()).toFuture();
      GroupReceipt receipt = here.groups().save(WITH_RIGHT, lefts()).block(LONG);
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
        .restore(groups().get(0).name(), List.of(left.kernel(), right.kernel()))
        .block(LONG);
    assertBothRun();
  }

  @Test
  void namesTheMemberThatNeverJoins() {
    assertThatThrownBy(() -> here.groups().save(WITH_RIGHT.timeout(SHORT), lefts()).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasMessageContaining("no sign of it");
    assertThat(left.stops).as("nobody stood still for that").hasValue(0);
    assertThat(groups()).isEmpty();
  }

  @Test
  void namesTheMemberWhoseProcessDiesWhileAllStandStill() {
    Disposable dying = joinAndDieStanding();

    assertThatThrownBy(() -> here.groups().save(WITH_RIGHT.timeout(SHORT), lefts()).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasMessageContaining("no sign of it");
    assertThat(left.runs()).isTrue();
    assertThat(groups()).isEmpty();
    dying.dispose();
    Patience.until("the other's kernel runs on when it is let go", right::runs);
  }

  @Test
  void aMemberWhoseStorageHangsRunsOn() {
    right.quiesceWay.set(
        stop ->
            stop.doOnSuccess(
                done -> theirStorage.failWhen(JoinedGroupTest::savesACut, Fault.HANG)));
    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, right.kernel()).toFuture();

    assertThatThrownBy(() -> here.groups().save(WITH_RIGHT.timeout(SHORT), lefts()).block(LONG))
        .isInstanceOf(GroupException.class);
    assertBothRun();
    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(StorageException.class)
        .hasMessageContaining("within PT0.5S");
  }

  @Test
  void aCoordinatorWhoseStorageHangsLetsItsKernelsRunOn() throws Exception {
    there.groups().join(GROUP, right.kernel()).subscribe(receipt -> {}, error -> {});
    left.quiesceWay.set(
        stop -> stop.doOnSuccess(done -> storage.failWhen(JoinedGroupTest::savesACut, Fault.HANG)));

    CompletableFuture<GroupReceipt> save =
        here.groups().save(WITH_RIGHT.timeout(SHORT), lefts()).toFuture();
    assertThatThrownBy(() -> save.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(GroupException.class);
    assertBothRun();
  }

  private static boolean savesACut(ScriptedStorage.Call call) {
    return call.operation().equals("save") && call.name().startsWith(StoreNames.CUTS);
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
    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, right.kernel()).toFuture();
    // The coordinator ends before it asks for the capture, with everybody standing still.
    left.quiesceWay.set(stop -> Mono.never());
    Disposable save =
        here.groups().save(WITH_RIGHT.timeout(SHORT), lefts()).subscribe(r -> {}, e -> {});
    Patience.until("it stands still", () -> right.stops.get() > 0);
    storage.failWhen(
        call -> call.operation().equals("save") && call.name().startsWith(".rkcp/cuts/"),
        Fault.FAIL);
    save.dispose();

    assertThat(right.runs()).isTrue();
    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(GroupException.class)
        .hasMessageContaining("no sign of the coordinator");
    storage.heal();
    left.quiesceWay.set(stop -> stop);
    assertThat(groups()).isEmpty();

    // What the dead one left open is taken over by the next.
    CompletableFuture<GroupReceipt> again = there.groups().join(GROUP, right.kernel()).toFuture();
    GroupReceipt receipt = here.groups().save(WITH_RIGHT, lefts()).block(LONG);
    assertThat(again.get(60, TimeUnit.SECONDS).name()).isEqualTo(receipt.name());
    assertBothRun();
  }

  @Test
  void aMemberThatFailsIsTheNamedCulpritForAll() {
    right.quiesceWay.set(stop -> Mono.error(new IllegalStateException("a broken stream")));
    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, right.kernel()).toFuture();

    assertThatThrownBy(() -> here.groups().save(WITH_RIGHT, lefts()).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasMessageContaining("a broken stream");
    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS))
        .hasMessageContaining("a broken stream");
    right.quiesceWay.set(stop -> stop);
    assertBothRun();
    assertThat(groups()).isEmpty();
  }

  @Test
  void aMemberIsToldWhoElseFailed() {
    left.quiesceWay.set(stop -> Mono.error(new IllegalStateException("a broken stream")));
    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, right.kernel()).toFuture();

    assertThatThrownBy(() -> here.groups().save(WITH_RIGHT, lefts()).block(LONG))
        .isInstanceOf(GroupException.class);
    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("left"));
    left.quiesceWay.set(stop -> stop);
    assertBothRun();
    assertThat(here.list("").collectList().block(LONG)).isEmpty();
  }

  @Test
  void ofTwoCoordinatorsAtOnceOneIsRefused() throws Exception {
    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, right.kernel()).toFuture();
    StampingKernel third = new StampingKernel("third").start();
    CompletableFuture<GroupReceipt> first = here.groups().save(WITH_RIGHT, lefts()).toFuture();
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
    assertThat(groups()).hasSize(1);
    assertThat(third.runs()).isTrue();
    assertBothRun();
    third.close();
  }

  @Test
  void aCutThatEndsWhileItIsLookedAtIsNoObstacle() throws Exception {
    CutRecord theirs =
        new CutRecord(
            "halves",
            ObjectId.random(),
            CutRecord.Phase.GATHER,
            HlcTimestamp.ZERO,
            LONG,
            0,
            "",
            "",
            List.of());
    String place = StoreNames.cut("halves");
    BareFiles.put(theirStorage, place, theirs.encode());
    CompletableFuture<GroupReceipt> save = here.groups().save(WITH_RIGHT, lefts()).toFuture();
    Patience.until("it is looked at", () -> storage.count("read", place) > 2);
    BareFiles.put(
        theirStorage, place, theirs.over(CutRecord.Phase.FAILED, "it gave up", "").encode());

    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, right.kernel()).toFuture();
    assertThat(joined.get(60, TimeUnit.SECONDS).name())
        .isEqualTo(save.get(60, TimeUnit.SECONDS).name());
  }

  @Test
  void aStepMayTakeForEver() throws Exception {
    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, right.kernel()).toFuture();
    GroupRequest patient = WITH_RIGHT.timeout(ChronoUnit.FOREVER.getDuration());

    GroupReceipt receipt = here.groups().save(patient, lefts()).block(LONG);

    assertThat(joined.get(60, TimeUnit.SECONDS).name()).isEqualTo(receipt.name());
  }

  @Test
  void aMemberThatIsCancelledIsTheCulprit() {
    left.quiesceWay.set(stop -> Mono.never());
    Disposable joined = there.groups().join(GROUP, right.kernel()).subscribe();
    CompletableFuture<GroupReceipt> save = here.groups().save(WITH_RIGHT, lefts()).toFuture();
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
    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, right.kernel()).toFuture();
    // Signs of life must come in time on a busy machine, too.
    Duration step = Duration.ofSeconds(2);
    theirStorage.before(
        call -> call.operation().equals("save") && call.name().startsWith(".rkcp/objects/"),
        () -> waitFor(step.multipliedBy(2)));

    GroupReceipt receipt = here.groups().save(WITH_RIGHT.timeout(step), lefts()).block(LONG);

    assertThat(joined.get(60, TimeUnit.SECONDS).name()).isEqualTo(receipt.name());
  }

  @Test
  void aSlowSaveIsNotADeadCoordinator() throws Exception {
    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, right.kernel()).toFuture();
    Duration step = Duration.ofSeconds(2);
    storage.before(
        call -> call.operation().equals("save") && call.name().startsWith(".rkcp/objects/"),
        () -> waitFor(step.multipliedBy(Meetings.PATIENCE + 1)));

    GroupReceipt receipt = here.groups().save(WITH_RIGHT.timeout(step), lefts()).block(LONG);

    assertThat(joined.get(60, TimeUnit.SECONDS).name()).isEqualTo(receipt.name());
  }

  @Test
  void whatAMemberSavesAfterTheCutHasFailedIsRemovedAgain() {
    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, right.kernel()).toFuture();
    theirStorage.before(
        JoinedGroupTest::savesAnObject,
        () ->
            Patience.until("the cut has failed", () -> record().phase() == CutRecord.Phase.FAILED));
    storage.before(
        JoinedGroupTest::savesAnObject,
        () -> {
          Patience.until("the other saves", () -> !theirStorage.isStillToInterrupt());
          throw new StorageException("the disk is full", false, null);
        });

    assertThatThrownBy(() -> here.groups().save(WITH_RIGHT, lefts()).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("left"));
    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(GroupException.class);
    assertThat(there.list("").collectList().block(LONG)).isEmpty();
  }

  @Test
  void whatAMemberHasReportedIsRemovedAgainAlsoWhenItsCoordinatorHadNotSeenIt() {
    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, right.kernel()).toFuture();
    storage.before(
        JoinedGroupTest::savesAnObject,
        () -> {
          Patience.until(
              "the other is saved",
              () -> record().members().get(0).state() == CutRecord.State.SAVED);
          throw new StorageException("the disk is full", false, null);
        });
    // It looks so seldom that it fails before it looks again.
    GroupRequest seldom = WITH_RIGHT.pollInterval(Duration.ofMillis(500));

    assertThatThrownBy(() -> here.groups().save(seldom, lefts()).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("left"));
    assertThatThrownBy(() -> joined.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(GroupException.class);
    assertThat(there.list("").collectList().block(LONG)).isEmpty();
  }

  private static boolean savesAnObject(ScriptedStorage.Call call) {
    return call.operation().equals("save") && call.name().startsWith(".rkcp/objects/");
  }

  private CutRecord record() {
    return CutRecord.decode(BareFiles.stored(theirStorage, StoreNames.cut("halves")));
  }

  @Test
  void aSlowCommitIsNotADeadCoordinator() throws Exception {
    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, right.kernel()).toFuture();
    String name = "named";
    Duration step = Duration.ofSeconds(2);
    storage.before(
        call -> call.operation().equals("save") && call.name().equals(name),
        () -> waitFor(step.multipliedBy(Meetings.PATIENCE + 1)));

    here.groups().save(WITH_RIGHT.timeout(step).named(name), lefts()).block(LONG);

    assertThat(joined.get(60, TimeUnit.SECONDS).name()).isEqualTo(name);
  }

  @Test
  void aSignOfLifeThatIsLostIsNoDeath() throws Exception {
    CompletableFuture<GroupReceipt> joined = there.groups().join(GROUP, right.kernel()).toFuture();
    AtomicInteger lost = new AtomicInteger();
    theirStorage.before(
        call -> call.operation().equals("save") && call.name().startsWith(".rkcp/objects/"),
        () -> {
          theirStorage.failWhen(
              call ->
                  call.operation().equals("save")
                      && call.name().startsWith(StoreNames.CUTS)
                      && lost.incrementAndGet() <= Again.MOST_LOST_ANSWERS,
              Fault.FAIL);
          Patience.until("one is lost", () -> lost.get() > Again.MOST_LOST_ANSWERS);
        });

    GroupReceipt receipt =
        here.groups().save(WITH_RIGHT.timeout(Duration.ofSeconds(3)), lefts()).block(LONG);

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
