package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Sinks;

/**
 * A capture that is cancelled, at whatever moment, leaves a kernel that runs, and no checkpoint
 * open: after each test it is captured once more.
 */
abstract class CancelledCaptureTopic extends KernelTopic {
  private static final int ROUNDS = 60;

  CancelledCaptureTopic(KernelContract contract) {
    super(contract);
  }

  /** Closes what it gets, also what reaches it while it cancels: all else nobody received. */
  private static class Receiver extends BaseSubscriber<Checkpoint> {
    private volatile boolean received;

    @Override
    protected void hookOnNext(Checkpoint checkpoint) {
      received = true;
      checkpoint.close();
    }
  }

  @Test
  void endsWhenItIsCancelledAtOnce() {
    for (int i = 0; i < ROUNDS; i++) {
      Receiver receiver = new Receiver();
      kernel().createCheckpoint().subscribe(receiver);
      receiver.cancel();
    }
  }

  @Test
  void endsAtWhateverMomentItIsCancelled() {
    Random random = new Random(5);
    Disposable run = subject().run();
    long before = System.nanoTime();
    capture().close();
    int longest = (int) Math.min(Integer.MAX_VALUE, (System.nanoTime() - before) * 3 / 2);
    for (int i = 0; i < ROUNDS; i++) {
      Receiver receiver = new Receiver();
      kernel().createCheckpoint().subscribe(receiver);
      long until = System.nanoTime() + random.nextInt(longest);
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      receiver.cancel();
    }
    run.dispose();
  }

  @Test
  void endsWhenItIsCancelledBeforeItsTurn() {
    Checkpoint first = capture();
    Receiver receiver = new Receiver();
    kernel().createCheckpoint().subscribe(receiver);
    receiver.cancel();
    first.close();
  }

  @Test
  void letsTheKernelRunOnWhenItIsCancelledWhileThatStops() {
    KernelHooks hooks = hooks();
    int before = hooks.quiesces();
    hooks.quiesceEndsWith(Sinks.<Void>empty().asMono());
    Disposable capture = kernel().createCheckpoint().subscribe();
    Patience.until("it is asked to stand still", () -> hooks.quiesces() == before + 1);
    capture.dispose();
    Patience.until("it runs on", () -> hooks.resumes() == before + 1);
    hooks.heal();
  }

  @Test
  void letsTheKernelRunOnWhenItIsCancelledWhileThatResumes() {
    KernelHooks hooks = hooks();
    int before = hooks.resumes();
    Sinks.Empty<Void> gate = Sinks.empty();
    hooks.resumeBeginsWith(gate.asMono());
    Receiver receiver = new Receiver();
    kernel().createCheckpoint().subscribe(receiver);
    Patience.until(
        "it resumes, or is straight", () -> hooks.resumes() > before || receiver.received);
    receiver.cancel();
    hooks.heal();
    gate.tryEmitEmpty();
  }

  @Test
  void closesACheckpointThatWasNeverAskedFor() {
    NeverAsks receiver = new NeverAsks();
    kernel().createCheckpoint().subscribe(receiver);
    subject().hooks().ifPresentOrElse(this::untilCaptured, subject()::advance);
    assertThat(receiver.received()).isFalse();
    receiver.cancel();
  }

  private void untilCaptured(KernelHooks hooks) {
    Patience.until(
        "it is captured",
        () -> hooks.quiesces() > 0 && (!can(KernelCapability.SHADOW) || hooks.resumes() > 0));
  }

  private static final class NeverAsks extends Receiver {
    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      // No demand: whatever comes now comes unasked.
    }

    boolean received() {
      return super.received;
    }
  }

  @Test
  void isOverForOneWhoCancelsAsItArrives() {
    Receiver receiver =
        new Receiver() {
          @Override
          protected void hookOnNext(Checkpoint checkpoint) {
            cancel();
            super.hookOnNext(checkpoint);
          }
        };
    kernel().createCheckpoint().subscribe(receiver);
    Patience.until("it arrives", () -> receiver.received);
  }
}
