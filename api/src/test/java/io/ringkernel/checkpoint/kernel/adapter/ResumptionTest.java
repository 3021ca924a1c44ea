package io.ringkernel.checkpoint.kernel.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.KernelException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class ResumptionTest {
  private final List<String> told = new ArrayList<>();
  private final Turn turn = new Turn("fdtd", true);
  private final Resumption resumption =
      new Resumption(
          turn,
          () -> told.add("free"),
          error -> new IllegalStateException("could not run on: " + error.getMessage(), error));

  private Mono<Void> runsOn(String name) {
    return Mono.fromRunnable(() -> told.add(name));
  }

  @Test
  void happensOnceAsTheFirstWhoAsksWantsIt() {
    StepVerifier.create(resumption.by(() -> runsOn("one")).then(resumption.by(() -> runsOn("two"))))
        .verifyComplete();
    assertThat(told).containsExactly("one", "free");
  }

  @Test
  void waitsForWhoIsStillAtIt() {
    Turn.Lease before = turn.new Lease(KernelException.Phase.CAPTURE);
    before.await().block();

    StepVerifier.create(resumption.by(() -> runsOn("one")))
        .then(() -> assertThat(told).isEmpty())
        .then(before::release)
        .verifyComplete();
    assertThat(told).containsExactly("one", "free");
  }

  @Test
  void isOverBeforeAnybodyIsToldHoweverItEnds() {
    StepVerifier.create(
            resumption
                .by(() -> Mono.error(new IllegalStateException("stuck")))
                .doOnError(error -> told.add("told")))
        .verifyErrorMessage("could not run on: stuck");
    assertThat(told).containsExactly("free", "told");
  }

  @Test
  void goesToItsEndAlsoWhenWhoAskedGivesUp() {
    Turn.Lease before = turn.new Lease(KernelException.Phase.CAPTURE);
    before.await().block();
    StepVerifier.create(resumption.by(() -> runsOn("one"))).thenCancel().verify();

    before.release();

    assertThat(told).containsExactly("one", "free");
  }
}
