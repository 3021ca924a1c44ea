package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Whose turn it is to be copied. */
class TierBacklogTest {
  private final FarBacklog backlog = new FarBacklog(4);

  private FarJob added(long sequence) {
    FarJob job = new FarJob("fdtd", "s" + sequence, sequence, false, false);
    backlog.add(job);
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
    FarJob first = new FarJob("fdtd", "s1", 1, false, false);
    FarJob second = new FarJob("fdtd", "s2", 2, false, false);
    small.add(first);
    small.open();
    assertThat(small.next()).isSameAs(first);
    small.failed(first, new IllegalStateException("away"));
    small.add(second);
    assertThat(small.skip("fdtd")).containsExactly(first);

    small.rest(first);

    assertThat(small.next()).isSameAs(second);
  }
}
