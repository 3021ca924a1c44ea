package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Whose turn it is to be copied. */
class TierBacklogTest {
  private final FarBacklog backlog = new FarBacklog(4);

  private FarJob added(long sequence) {
    FarJob job = new FarCheckpoint("fdtd", "s" + sequence, sequence, false, false);
    backlog.add(List.of(job));
    return job;
  }

  @Test
  void aTurnThatIsOverIsNotEndedAgain() {
    FarJob first = added(1);
    FarJob second = added(2);
    added(3);
    backlog.open();
    assertThat(backlog.next()).isSameAs(first);
    backlog.done(first);
    assertThat(backlog.next()).isSameAs(second);

    backlog.rest(first);

    assertThat(backlog.next()).as("the second is under way").isNull();
  }

  @Test
  void aTurnThatIsOverWithNothingDoneComesAgain() {
    FarJob first = added(1);
    backlog.open();
    assertThat(backlog.next()).isSameAs(first);
    assertThat(backlog.next()).isNull();

    backlog.rest(first);

    assertThat(backlog.next()).isSameAs(first);
  }

  @Test
  void aLineGoesOnWhenTheOneThatWasTriedWasSkipped() {
    FarBacklog small = new FarBacklog(1);
    FarJob first = new FarCheckpoint("fdtd", "s1", 1, false, false);
    FarJob second = new FarCheckpoint("fdtd", "s2", 2, false, false);
    small.add(List.of(first));
    small.open();
    assertThat(small.next()).isSameAs(first);
    small.failed(first, new IllegalStateException("away"));
    small.add(List.of(second));
    assertThat(small.skip(List.of(second))).containsExactly(first);

    small.rest(first);

    assertThat(small.next()).isSameAs(second);
  }

  @Test
  void neitherTheOneThatIsBeingCopiedNorTheNewestIsSkipped() {
    FarBacklog small = new FarBacklog(1);
    List<FarJob> jobs =
        LongStream.rangeClosed(1, 3)
            .<FarJob>mapToObj(n -> new FarCheckpoint("fdtd", "s" + n, n, false, false))
            .toList();
    small.add(jobs);
    small.open();
    assertThat(small.next()).isSameAs(jobs.get(0));

    assertThat(small.skip(jobs)).containsExactly(jobs.get(1));
    assertThat(small.skip(jobs)).isEmpty();

    small.done(jobs.get(0));
    assertThat(small.next()).isSameAs(jobs.get(2));
  }

  @Test
  void aPlaceThatIsKeptForASaveIsNobodyElses() {
    FarBacklog small = new FarBacklog(1);
    Set<String> kernel = Set.of(FarCheckpoint.lineOf("fdtd"));
    assertThat(small.reserve(kernel)).isTrue();
    assertThat(small.reserve(kernel)).isFalse();
    FarJob job = new FarCheckpoint("fdtd", "s1", 1, false, false);
    small.add(List.of(job));
    small.open();
    small.next();

    small.done(job);
    assertThat(small.reserve(kernel)).as("its save has not ended").isFalse();

    small.release(kernel);
    assertThat(small.reserve(kernel)).isTrue();
  }

  @Test
  void aFailureIsToldUntilOneIsCopied() {
    FarJob job = added(1);
    backlog.open();
    backlog.next();
    backlog.failed(job, new IllegalStateException("away"));
    backlog.done(job);

    assertThat(backlog.notes("fdtd")).singleElement().asString().contains("away");

    backlog.forgetFailures(job);
    assertThat(backlog.notes("fdtd")).isEmpty();
  }

  private static SaveReceipt receipt(FarJob job) {
    return new SaveReceipt(
        job.name,
        ObjectId.random(),
        CheckpointKind.FULL,
        null,
        2,
        job.kernelId,
        1,
        job.sequence,
        1,
        1,
        1,
        Duration.ZERO,
        Duration.ZERO,
        "none",
        List.of());
  }

  @Test
  void ofThoseThatEndedTheLastAreKnown() {
    List<FarJob> jobs = new ArrayList<>();
    backlog.open();
    for (int n = 0; n <= 1024; n++) {
      FarJob job = added(n);
      backlog.next();
      backlog.done(job);
      jobs.add(job);
    }

    assertThat(backlog.find(receipt(jobs.get(0)))).isNull();
    assertThat(backlog.find(receipt(jobs.get(1)))).isSameAs(jobs.get(1));
  }

  private static CheckpointInfo member(String kernelId) {
    StoredFile file =
        new StoredFile(
            ObjectId.random(),
            2,
            CheckpointKind.FULL,
            new RootHash("ab".repeat(32)),
            null,
            4096,
            5000,
            "none",
            List.of());
    CommitMark mark = new CommitMark(1, 1, ObjectId.random(), false);
    return Entry.of(file, TestStates.metadata(kernelId, 1), mark, false).info(kernelId + "/1");
  }

  @Test
  void aGroupIsTakenWhenNoMemberWaitsAnyMore() {
    List<CheckpointInfo> members = List.of(member("left"), member("right"));
    FarJob left = FarCheckpoint.of(members.get(0), false);
    FarJob right = FarCheckpoint.of(members.get(1), false);
    FarJob group = new FarGroup("left", "room/1", new HlcTimestamp(1, 0, 0), members);
    backlog.add(List.of(group, left, right));
    backlog.open();

    assertThat(List.of(backlog.next(), backlog.next())).containsExactlyInAnyOrder(left, right);
    assertThat(backlog.next()).isNull();
    backlog.done(right);
    assertThat(backlog.next()).as("one is still under way").isNull();
    assertThat(backlog.mayHave(members.get(1))).as("the group waits").isTrue();
    backlog.done(left);

    assertThat(backlog.next()).isSameAs(group);
    backlog.done(group);
    assertThat(backlog.isSettled()).isTrue();
    assertThat(backlog.mayHave(members.get(1))).isFalse();
  }

  @Test
  void cutsThatOnlyTheirCountersTellApartAreCopiedInTheirOrder() {
    // As of a kernel whose clock is ahead, saved twice under one name.
    FarJob first = new FarGroup("room", "newest", new HlcTimestamp(9, 1, 0), List.of());
    FarJob second = new FarGroup("room", "newest", new HlcTimestamp(9, 2, 0), List.of());
    backlog.add(List.of(second));
    backlog.add(List.of(first));
    backlog.open();

    assertThat(backlog.next()).isSameAs(first);
    backlog.done(first);
    assertThat(backlog.next()).isSameAs(second);
  }

  @Test
  void aGroupIsSkippedWithAMember() {
    FarBacklog small = new FarBacklog(1);
    List<CheckpointInfo> members = List.of(member("left"), member("right"));
    FarJob left = FarCheckpoint.of(members.get(0), false);
    FarJob right = FarCheckpoint.of(members.get(1), false);
    FarJob group = new FarGroup("room", "room/1", new HlcTimestamp(1, 0, 0), members);
    small.add(List.of(left, right, group));
    FarJob next = new FarCheckpoint("left", "left/2", 2, false, false);
    small.add(List.of(next));

    assertThat(small.skip(List.of(next))).containsExactly(group, left);

    small.open();
    assertThat(small.size()).isEqualTo(2);
    assertThat(List.of(small.next(), small.next())).containsExactlyInAnyOrder(next, right);
    small.done(right);
    assertThat(small.next()).isNull();
  }
}
