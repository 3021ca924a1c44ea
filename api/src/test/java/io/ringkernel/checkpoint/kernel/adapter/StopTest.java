package io.ringkernel.checkpoint.kernel.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

class StopTest {
  private final List<String> told = new ArrayList<>();
  private final Wholeness wholeness = new Wholeness();
  private final Cancellation cancellation = new Cancellation();
  private Mono<Void> runsOnRestored = Mono.fromRunnable(() -> told.add("runs on restored"));
  private final Stop stop = new Stop(new State(), cancellation);

  /** Of a kernel that only stops and runs on. */
  private final class State implements AdaptedState {
    @Override
    public KernelDescriptor descriptor() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Halt halt() {
      return new Telling();
    }

    @Override
    public Wholeness wholeness() {
      return wholeness;
    }

    @Override
    public Visit visit(KernelException.Phase phase) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CheckpointableKernel with(Halt other, Turn turn) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Throwable failure(KernelException.Phase phase, String what, Throwable cause) {
      return cause;
    }
  }

  private final class Telling implements Halt {
    @Override
    public Mono<Void> quiesce() {
      return Mono.fromRunnable(() -> told.add("stops"));
    }

    @Override
    public Mono<Void> resume() {
      return Mono.fromRunnable(() -> told.add("runs on"));
    }

    @Override
    public Mono<Void> runRestored() {
      return Mono.defer(() -> runsOnRestored);
    }
  }

  @Test
  void runsOnOnceHoweverManyAskForIt() {
    StepVerifier.create(stop.begin().then(stop.resume()).then(stop.resume())).verifyComplete();
    StepVerifier.create(stop.undo(new IllegalStateException("not captured"))).verifyComplete();

    assertThat(told).containsExactly("stops", "runs on");
  }

  @Test
  void runsOnWithTheStateThatWasRestored() {
    StepVerifier.create(stop.begin()).verifyComplete();
    wholeness.writing();
    StepVerifier.create(stop.resumeRestored()).verifyComplete();

    assertThat(told).containsExactly("stops", "runs on restored");
    assertThat(wholeness.isWhole()).isTrue();
  }

  @Test
  void staysAsARestoreThatFailedHalfWayLeftIt() {
    StepVerifier.create(stop.begin()).verifyComplete();
    wholeness.writing();
    StepVerifier.create(stop.undo(new IllegalStateException("bad sector"))).verifyComplete();

    assertThat(told).containsExactly("stops");
  }

  @Test
  void tellsReactorThatARestoredKernelDoesNotRunOnWhereThereIsNobodyElse() {
    IllegalStateException stuck = new IllegalStateException("stuck");
    runsOnRestored = Mono.error(stuck);
    StepVerifier.create(stop.begin().then(stop.resumeRestored())).verifyErrorMessage("stuck");
    cancellation.cancel();

    List<Throwable> dropped = new ArrayList<>();
    Context log = Context.of("reactor.onErrorDropped.local", (Consumer<Throwable>) dropped::add);
    StepVerifier.create(stop.undo(stuck).contextWrite(log)).verifyComplete();
    assertThat(dropped).containsExactly(stuck);
  }
}
