package io.ringkernel.checkpoint.kernel.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class StandingKernelTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final HlcTimestamp CUT = new HlcTimestamp(7, 0, 0);

  private final List<String> told = new ArrayList<>();
  private KernelDescriptor descriptor = descriptor(cut -> told.add("cut " + cut.physical()));
  private Mono<Void> runsOn = Mono.fromRunnable(() -> told.add("runs on"));
  private Mono<Void> writing = Mono.empty();
  private Mono<Void> stops = Mono.empty();
  private final StandingKernel standing = new StandingKernel(new State(), () -> told.add("free"));
  private Turn turn = new Turn("fdtd", false);
  private final UseCount uses = new UseCount();
  private final Wholeness wholeness = new Wholeness();

  private static KernelDescriptor descriptor(Consumer<HlcTimestamp> cut) {
    return KernelDescriptor.builder("fdtd", "wave")
        .controlBlock(new KernelMemory.Host(ByteBuffer.allocate(8)))
        .standsStill()
        .cut(cut)
        .build();
  }

  private final class State implements AdaptedState {
    @Override
    public KernelDescriptor descriptor() {
      return descriptor;
    }

    @Override
    public Halt halt() {
      return new Running();
    }

    @Override
    public Wholeness wholeness() {
      return wholeness;
    }

    @Override
    public Visit visit(KernelException.Phase phase) {
      return new Visit("fdtd", phase, turn, uses, wholeness);
    }

    @Override
    public CheckpointableKernel with(Halt other, Turn inTurns) {
      return new InPlace(other, inTurns);
    }

    @Override
    public Throwable failure(KernelException.Phase phase, String what, Throwable cause) {
      return cause instanceof KernelException
          ? cause
          : new IllegalStateException(what + ": " + cause.getMessage(), cause);
    }
  }

  private final class Running implements Halt {
    @Override
    public Mono<Void> quiesce() {
      return Mono.defer(() -> stops);
    }

    @Override
    public Mono<Void> resume() {
      return Mono.defer(() -> runsOn);
    }

    @Override
    public Mono<Void> runRestored() {
      return Mono.fromRunnable(() -> told.add("runs on restored"));
    }
  }

  /** What an adapter makes of the same memory: it halts as it is told, in the turn it is given. */
  private final class InPlace implements CheckpointableKernel {
    private final Halt halt;
    private final Turn turn;

    InPlace(Halt halt, Turn turn) {
      this.halt = halt;
      this.turn = turn;
    }

    @Override
    public String kernelId() {
      return "fdtd";
    }

    @Override
    public String kernelType() {
      return "wave";
    }

    @Override
    public Mono<Checkpoint> createCheckpoint() {
      return halt.quiesce()
          .then(Mono.defer(halt::resume))
          .then(Mono.fromSupplier(StandingKernelTest::checkpoint));
    }

    @Override
    public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
      Visit visit =
          new Visit("fdtd", KernelException.Phase.RESTORE, turn, new UseCount(), wholeness);
      return visit
          .awaitTurn()
          .then(halt.quiesce())
          .then(Mono.fromRunnable(wholeness::writing))
          .then(Mono.defer(() -> writing))
          .then(Mono.fromRunnable(wholeness::written))
          .then(Mono.defer(halt::runRestored))
          .doOnTerminate(visit::end);
    }
  }

  private static Checkpoint checkpoint() {
    return Checkpoint.builder(CheckpointMetadata.builder("fdtd", "wave").build()).build();
  }

  @Test
  void runsOnOnceAtTheCutOfTheFirstWhoAsks() {
    StepVerifier.create(standing.resume(CUT).then(standing.resume(HlcTimestamp.ZERO)))
        .verifyComplete();
    assertThat(told).containsExactly("cut 7", "runs on", "free");
  }

  @Test
  void runsOnWithItsOwnStateAfterACapture() {
    StepVerifier.create(standing.createCheckpoint()).expectNextCount(1).verifyComplete();
    StepVerifier.create(standing.resume(CUT)).verifyComplete();
    assertThat(told).contains("runs on");
  }

  @Test
  void runsOnWithTheStateThatWasRestored() {
    StepVerifier.create(standing.restoreFromCheckpoint(checkpoint())).verifyComplete();
    StepVerifier.create(standing.createCheckpoint()).expectNextCount(1).verifyComplete();
    StepVerifier.create(standing.resume(CUT)).verifyComplete();
    assertThat(told).containsExactly("cut 7", "runs on restored", "free");
  }

  @Test
  void staysAsARestoreThatFailedHalfWayLeftIt() {
    writing = Mono.error(new IllegalStateException("connection reset"));
    StepVerifier.create(standing.restoreFromCheckpoint(checkpoint()))
        .verifyErrorMessage("connection reset");
    StepVerifier.create(standing.resume(CUT)).verifyComplete();
    assertThat(told).containsExactly("free");
  }

  @Test
  void stoppedForACutAfterARestoreThatEndedHalfWayItStaysStanding() {
    wholeness.writing();

    StepVerifier.create(StandingKernel.of(new State()).flatMap(stopped -> stopped.resume(CUT)))
        .verifyComplete();
    stops = Mono.error(new IllegalStateException("no answer"));
    StepVerifier.create(StandingKernel.of(new State()))
        .verifyErrorMessage("it did not come to a stop: no answer");

    assertThat(told).isEmpty();
    assertThat(uses.users()).isZero();
  }

  @Test
  void isCapturedNoMoreOnceItRunsOn() {
    StepVerifier.create(standing.resume(CUT)).verifyComplete();

    StepVerifier.create(standing.createCheckpoint())
        .verifyErrorMessage("it runs on already; quiesce it again");
  }

  @Test
  void waitsForWhoIsStillAtIt() {
    Sinks.Empty<Void> written = Sinks.empty();
    writing = written.asMono();
    standing.restoreFromCheckpoint(checkpoint()).subscribe();

    StepVerifier.create(standing.resume(CUT))
        .then(() -> assertThat(told).isEmpty())
        .then(written::tryEmitEmpty)
        .verifyComplete();
    assertThat(told).containsExactly("cut 7", "runs on restored", "free");
  }

  @Test
  void isFreeBeforeAnybodyIsToldHoweverItEnds() {
    runsOn = Mono.error(new IllegalStateException("stuck"));

    StepVerifier.create(standing.resume(CUT).doOnError(error -> told.add("told")))
        .verifyErrorMessage("it could not run on: stuck");
    assertThat(told).containsExactly("cut 7", "free", "told");
  }

  @Test
  void runsOnAlsoWhenWhoAskedGivesUp() {
    Sinks.Empty<Void> written = Sinks.empty();
    writing = written.asMono();
    standing.restoreFromCheckpoint(checkpoint()).subscribe();
    StepVerifier.create(standing.resume(CUT)).thenCancel().verify();

    written.tryEmitEmpty();

    assertThat(told).containsExactly("cut 7", "runs on restored", "free");
  }

  @Test
  void isInUseUntilItRunsOn() {
    StandingKernel stopped = (StandingKernel) StandingKernel.of(new State()).block();
    assertThat(uses.users()).isEqualTo(1);
    StepVerifier.create(StandingKernel.of(new State()))
        .verifyErrorSatisfies(
            error -> assertThat(error).hasMessageContaining("another capture or restore"));

    StepVerifier.create(stopped.resume(CUT)).verifyComplete();
    assertThat(uses.users()).isZero();
    StepVerifier.create(StandingKernel.of(new State())).expectNextCount(1).verifyComplete();
  }

  @Test
  void whileItStandsARestoreOfTheKernelItselfDoesNotWait() {
    turn = new Turn("fdtd", true);
    QuiescedKernel stopped = StandingKernel.of(new State()).block();

    StepVerifier.create(new State().visit(KernelException.Phase.RESTORE).awaitTurn())
        .expectError(KernelException.class)
        .verify(PATIENCE);

    StepVerifier.create(stopped.resume(CUT)).verifyComplete();
  }

  @Test
  void runsOnAlsoWhenItsClockDoesNotTakeTheTime() {
    descriptor =
        descriptor(
            cut -> {
              throw new IllegalStateException("a clock");
            });

    StepVerifier.create(standing.resume(CUT)).verifyErrorMessage("it could not run on: a clock");
    assertThat(told).containsExactly("runs on", "free");
  }

  @Test
  void runsOnWhenItDoesNotComeToAStop() {
    stops = Mono.error(new IllegalStateException("no answer"));

    StepVerifier.create(StandingKernel.of(new State()))
        .verifyErrorMessage("it did not come to a stop: no answer");
    assertThat(told).containsExactly("runs on");
    assertThat(uses.users()).isZero();
  }

  @Test
  void runsOnWhenNobodyWaitsForItsStopAnyMore() {
    stops = Mono.never();

    StepVerifier.create(StandingKernel.of(new State())).thenCancel().verify();
    assertThat(told).containsExactly("runs on");
    assertThat(uses.users()).isZero();
  }

  @Test
  void isNotTouchedWhereItIsClosed() {
    uses.shut().block();

    StepVerifier.create(StandingKernel.of(new State()))
        .verifyErrorSatisfies(error -> assertThat(error).hasMessageContaining("it is closed"));
    assertThat(told).isEmpty();
  }
}
