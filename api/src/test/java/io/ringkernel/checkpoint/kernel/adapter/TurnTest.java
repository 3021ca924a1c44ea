package io.ringkernel.checkpoint.kernel.adapter;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class TurnTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

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
  void allRestoresThatWaitAreRefusedThoughEachLetsGoOfItsPlaceAtOnce() {
    StepVerifier patient = StepVerifier.create(capture.await()).expectComplete().verifyLater();
    List<StepVerifier> refused =
        Stream.of(restore, turn.new Lease(Phase.RESTORE))
            .map(lease -> lease.await().doOnError(e -> lease.release()))
            .map(wait -> StepVerifier.create(wait).expectError(KernelException.class).verifyLater())
            .toList();

    first.holdOpen();

    refused.forEach(StepVerifier::verify);
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
  void takesNoPlaceBeforeItIsSubscribedTo() {
    Mono<Void> unused = restore.await();
    first.release();

    StepVerifier.create(capture.await()).verifyComplete();
  }

  @Test
  void othersMayAskWhileOneIsToldOfItsTurn() {
    StepVerifier.create(capture.await().doOnSuccess(nothing -> askOnAnotherThread()))
        .then(first::release)
        .verifyComplete();
  }

  private void askOnAnotherThread() {
    Mono.fromFuture(CompletableFuture.runAsync(() -> restore.await().subscribe())).block(PATIENCE);
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
