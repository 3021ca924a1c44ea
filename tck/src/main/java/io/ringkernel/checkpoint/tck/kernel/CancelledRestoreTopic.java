package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A restore that is cancelled leaves the state as it was, or a kernel that stands still. */
abstract class CancelledRestoreTopic extends KernelTopic {
  private static final int ROUNDS = 30;

  private CheckpointMetadata metadata = CheckpointMetadata.builder("", "").build();
  private List<StatePart> earlier = List.of();
  private List<StatePart> present = List.of();

  CancelledRestoreTopic(KernelContract contract) {
    super(contract);
  }

  @BeforeEach
  void advanceFromWhatIsRestored() {
    metadata = subject().metadata();
    earlier = subject().state();
    subject().advance();
    present = subject().state();
  }

  /** One that is refused waits for the cancelled one to end. */
  private void restoreAfterwards() {
    try (Checkpoint again = checkpoints.of(metadata, earlier)) {
      await(kernel().restoreFromCheckpoint(again).retryWhen(whereRefused()));
    }
    assertSame(subject().state(), earlier);
  }

  @Test
  void changesNothingWhenItIsCancelledBeforeItBegins() {
    KernelHooks hooks = hooks();
    int before = hooks.quiesces();
    hooks.quiesceEndsWith(Sinks.<Void>empty().asMono());
    try (Checkpoint checkpoint = checkpoints.of(metadata, earlier)) {
      Disposable restore = kernel().restoreFromCheckpoint(checkpoint).subscribe();
      Patience.until("it is asked to stand still", () -> hooks.quiesces() == before + 1);
      restore.dispose();
    }
    Patience.until("it runs on", () -> hooks.resumes() == before + 1);
    hooks.heal();
    assertSame(subject().state(), present);
    restoreAfterwards();
  }

  @Test
  void standsStillWhenItIsCancelledHalfWayUnlessItReadsAllBefore() {
    Sinks.Empty<Void> reading = Sinks.empty();
    Sinks.Empty<Void> gate = Sinks.empty();
    Mono<Void> stall =
        Mono.defer(
            () -> {
              reading.tryEmitEmpty();
              return gate.asMono();
            });
    Checkpoint checkpoint = checkpoints.of(metadata, earlier, largest(earlier), stall);
    Disposable restore = kernel().restoreFromCheckpoint(checkpoint).subscribe();
    await(reading.asMono());
    restore.dispose();
    // Its read may go on to its end, which the next restore waits for.
    gate.tryEmitEmpty();
    if (can(KernelCapability.STAGED_RESTORE)) {
      assertSame(subject().state(), present);
      subject().advance();
    } else {
      leftStanding();
      subject()
          .hooks()
          .ifPresent(hooks -> assertThat(hooks.quiesces()).isEqualTo(hooks.resumes() + 1));
    }
    restoreAfterwards();
    checkpoint.close();
  }

  /** More often than a kernel has buffers to read into. */
  @Test
  void letsGoOfContentThatNeverAnswers() {
    Assumptions.assumeTrue(
        can(KernelCapability.LETS_GO_OF_CONTENT), "not applicable: it waits for what is read");
    for (int i = 0; i < ROUNDS; i++) {
      AtomicInteger asked = new AtomicInteger();
      AtomicInteger cancelled = new AtomicInteger();
      Mono<Void> never =
          Mono.<Void>never()
              .doOnSubscribe(subscription -> asked.incrementAndGet())
              .doOnCancel(cancelled::incrementAndGet);
      try (Checkpoint checkpoint = checkpoints.of(metadata, earlier, largest(earlier), never)) {
        Disposable restore =
            kernel().restoreFromCheckpoint(checkpoint).retryWhen(whereRefused()).subscribe();
        Patience.until("its content is read", () -> asked.get() > 0);
        restore.dispose();
        Patience.until("its content is cancelled", () -> cancelled.get() == asked.get());
      }
      leftStanding();
    }
    if (can(KernelCapability.STAGED_RESTORE)) {
      assertSame(subject().state(), present);
    }
    restoreAfterwards();
  }

  @Test
  void canBeRestoredAtWhateverMomentOneWasCancelled() {
    Random random = new Random(6);
    long before = System.nanoTime();
    restoreAfterwards();
    int longest = (int) Math.min(Integer.MAX_VALUE, System.nanoTime() - before);
    try (Checkpoint checkpoint = checkpoints.of(metadata, earlier)) {
      for (int i = 0; i < ROUNDS; i++) {
        Disposable restore =
            kernel().restoreFromCheckpoint(checkpoint).subscribe(done -> {}, refused -> {});
        long until = System.nanoTime() + random.nextInt(longest);
        while (System.nanoTime() < until) {
          Thread.onSpinWait();
        }
        restore.dispose();
        leftStanding();
      }
      restoreAfterwards();
    }
  }
}
