package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.MeetingFixture.WITH_RIGHT;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Cuts that are given up while their coordinator may be about to commit them: whoever is told that
 * one failed finds no group, and nobody is told so of one that stands.
 */
@Timeout(120)
class GivenUpCutTest {
  private static final GroupRequest FIRST = WITH_RIGHT.named("first");
  private static final Duration SHORT = Duration.ofSeconds(4);

  @RegisterExtension final MeetingFixture room = new MeetingFixture();

  private static boolean writesTheManifest(ScriptedStorage.Call call) {
    return call.savesEntry() && call.name().equals("first");
  }

  /** Whether a call writes a cut's record that is there, and is at a phase. */
  private boolean changesTheCut(ScriptedStorage.Call call, Cut.Phase phase) {
    return MeetingFixture.savesACut(call) && call.replaces() && room.record().phase() == phase;
  }

  /** Whether a call is the coordinator's, once the other has saved its part. */
  private boolean followsTheSave(ScriptedStorage.Call call) {
    return changesTheCut(call, Cut.Phase.RESUME)
        && room.record().member("right").orElseThrow().state() == CutRecord.State.SAVED;
  }

  /** Another coordinator holds this one dead. */
  private void takeOver() {
    room.put(
        CutRecord.opened("halves", ObjectId.random(), LONG, List.of("other"))
            .inPlaceOf(room.record()));
  }

  private CompletableFuture<GroupReceipt> save(GroupRequest request) {
    return room.here.groups().save(request, room.lefts()).toFuture();
  }

  private static Throwable failureOf(CompletableFuture<?> future) {
    return catchThrowable(() -> future.get(60, TimeUnit.SECONDS)).getCause();
  }

  @Test
  void isNotCommittedWhenAnotherTookOverBefore() {
    CompletableFuture<GroupReceipt> joined = room.join();
    room.storage.before(this::followsTheSave, this::takeOver);

    assertThat(failureOf(save(FIRST)))
        .isInstanceOf(GroupException.class)
        .hasMessageContaining("another coordinator took over");
    assertThat(failureOf(joined)).isInstanceOf(GroupException.class);
    room.assertNothingIsLeft();
    room.assertBothRun();
  }

  @Test
  void itsEndIsUnknownWhenAnotherTookOverWhileItWasCommitted() throws Exception {
    CompletableFuture<GroupReceipt> joined = room.join();
    room.storage.before(GivenUpCutTest::writesTheManifest, this::takeOver);

    GroupReceipt receipt = save(FIRST).get(60, TimeUnit.SECONDS);

    assertThat(failureOf(joined))
        .isInstanceOfSatisfying(
            CommitStateUnknownException.class,
            e -> {
              assertThat(e.name()).isEqualTo("first");
              assertThat(e.id()).isEqualTo(receipt.cut().toString());
            })
        .hasMessageContaining("took over");
    assertThat(room.groups()).hasSize(1);
    assertThat(room.here.list("").count().block(LONG)).as("its checkpoint stays").isEqualTo(3);
  }

  @Test
  void itsEndIsUnknownWhenItsCoordinatorFellSilentWhileItWasCommitted() {
    CompletableFuture<GroupReceipt> joined = room.join();
    room.storage.failWhen(
        call -> writesTheManifest(call) || changesTheCut(call, Cut.Phase.COMMITTING), Fault.HANG);
    CompletableFuture<GroupReceipt> save = save(FIRST.timeout(SHORT));

    assertThat(failureOf(joined))
        .isInstanceOfSatisfying(
            CommitStateUnknownException.class, e -> assertThat(e.name()).isEqualTo("first"))
        .hasMessageContaining("no sign of the coordinator");
    assertThat(room.record().phase()).isEqualTo(Cut.Phase.COMMITTING);
    room.assertBothRun();
    save.cancel(true);
  }

  @Test
  void isFailedByTheMemberThatGivesItUpSoThatNobodyCommitsIt() {
    room.put(CutRecord.opened("halves", ObjectId.random(), SHORT, List.of("right")));
    CompletableFuture<GroupReceipt> joined = room.join();
    HlcTimestamp time = new HlcTimestamp(Instants.micros(Instant.now()), 0, 1);
    goOnFrom(CutRecord.State.READY, Cut.Phase.QUIESCE, HlcTimestamp.ZERO);
    goOnFrom(CutRecord.State.QUIESCED, Cut.Phase.CAPTURE, time);
    goOnFrom(CutRecord.State.CAPTURED, Cut.Phase.RESUME, time);

    assertThat(failureOf(joined))
        .isInstanceOf(GroupException.class)
        .hasMessageContaining("no sign of the coordinator");
    Cut end = room.record().cut();
    assertThat(end.phase()).isEqualTo(Cut.Phase.FAILED);
    assertThat(end.outcome()).contains("no sign of the coordinator");
    assertThat(room.right.runs()).isTrue();
    room.assertNothingIsLeft();
  }

  /** As a coordinator does, for as long as it lives. */
  private void goOnFrom(CutRecord.State reached, Cut.Phase next, HlcTimestamp time) {
    Patience.until(
        "the member is " + reached, () -> room.record().members().get(0).state() == reached);
    room.put(room.record().at(next, time));
  }

  @Test
  void isNotCommittedOnceItHasFailed() {
    CompletableFuture<GroupReceipt> joined = room.join();
    room.storage.before(
        this::followsTheSave,
        () -> room.put(room.record().over(Cut.Phase.FAILED, "somebody gave it up", "")));

    assertThat(failureOf(save(FIRST)))
        .isInstanceOf(GroupException.class)
        .hasMessageContaining("somebody gave it up");
    assertThat(failureOf(joined)).hasMessageContaining("somebody gave it up");
    room.assertNothingIsLeft();
  }
}
