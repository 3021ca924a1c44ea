package io.ringkernel.checkpoint.kernel.adapter;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class TurnTest {
  private final Turn turn = new Turn("fdtd", true);
  private final Turn.Lease first = turn.new Lease(Phase.CAPTURE);
  private final Turn.Lease capture = turn.new Lease(Phase.CAPTURE);
  private final Turn.Lease restore = turn.new Lease(Phase.RESTORE);

  TurnTest() {
    StepVerifier.create(first.await()).verifyComplete();
  }

  @Test
  void eachWaitsForTheOneBefore() {
    StepVerifier granted = StepVerifier.create(restore.await()).expectComplete().verifyLater();
    StepVerifier.create(capture.await())
        .then(first::release)
        .then(granted::verify)
        .then(restore::release)
        .verifyComplete();
  }

  @Test
  void whoReleasesBeforeItsTurnIsPassedOver() {
    StepVerifier.create(restore.await()).thenCancel().verify();

    StepVerifier.create(capture.await())
        .then(restore::release)
        .then(first::release)
        .verifyComplete();
  }

  @Test
  void aRestoreIsRefusedWhileACaptureIsHeldOpenAndACaptureWaits() {
    StepVerifier waiting =
        StepVerifier.create(restore.await()).expectError(KernelException.class).verifyLater();
    StepVerifier patient = StepVerifier.create(capture.await()).expectComplete().verifyLater();
    first.holdOpen();
    waiting.verify();
    StepVerifier.create(turn.new Lease(Phase.RESTORE).await()).verifyError(KernelException.class);

    first.release();

    patient.verify();
  }

  @Test
  void whatWasHeldOpenIsForgottenWithItsRelease() {
    first.holdOpen();
    first.release();
    StepVerifier.create(capture.await()).verifyComplete();

    StepVerifier.create(restore.await()).then(capture::release).verifyComplete();
  }

  @Test
  void nobodyWaitsWhereWhoComesSecondIsRefused() {
    Turn impatient = new Turn("fdtd", false);
    Turn.Lease holder = impatient.new Lease(Phase.CAPTURE);
    StepVerifier.create(holder.await()).verifyComplete();
    StepVerifier.create(impatient.new Lease(Phase.CAPTURE).await())
        .verifyError(KernelException.class);

    holder.release();

    StepVerifier.create(impatient.new Lease(Phase.CAPTURE).await()).verifyComplete();
  }
}
