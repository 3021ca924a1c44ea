package io.ringkernel.checkpoint.kernel.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class VisitTest {
  private final Turn turn = new Turn("fdtd", true);
  private final UseCount uses = new UseCount();
  private final Wholeness wholeness = new Wholeness();
  private final Visit restore = visit(Phase.RESTORE);
  private final Visit capture = visit(Phase.CAPTURE);

  VisitTest() {
    StepVerifier.create(restore.enter().then(restore.awaitTurn())).verifyComplete();
  }

  private Visit visit(Phase phase) {
    return new Visit("fdtd", phase, turn, uses, wholeness);
  }

  @Test
  void aCaptureIsRefusedWhatTheRestoreThatItWaitedForLeavesHalfWay() {
    StepVerifier.create(capture.awaitTurn())
        .then(wholeness::writing)
        .then(restore::end)
        .verifyErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOf(KernelException.class)
                    .hasMessageContaining("parts of two states"));
  }

  @Test
  void aCaptureIsOfTheStateThatTheRestoreThatItWaitedForHasWritten() {
    wholeness.writing();

    StepVerifier.create(capture.awaitTurn())
        .then(wholeness::written)
        .then(restore::end)
        .verifyComplete();
  }

  @Test
  void endsTheUseThatItBeganAndOnlyOnce() {
    uses.enter();
    assertThat(uses.users()).isEqualTo(2);

    restore.end();
    restore.end();
    capture.end();

    assertThat(uses.users()).isEqualTo(1);
  }
}
