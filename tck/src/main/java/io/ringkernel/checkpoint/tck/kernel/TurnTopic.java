package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** One capture or restore is under way at a time. */
abstract class TurnTopic extends KernelTopic {
  private static final int MANY = 8;

  TurnTopic(KernelContract contract) {
    super(contract);
  }

  @Test
  void capturesWaitsOrRefusesWhileACheckpointIsOpen() {
    Checkpoint first = capture();
    CompletableFuture<Checkpoint> second = kernel().createCheckpoint().toFuture();
    if (can(KernelCapability.SEVERAL_OPEN)) {
      result(second).close();
      subject().assertWasReached(first.metadata(), read(first));
      first.close();
    } else if (can(KernelCapability.WAITS)) {
      subject().assertWasReached(first.metadata(), read(first));
      assertThat(second).as("it waits for the first to be closed").isNotDone();
      first.close();
      result(second).close();
    } else {
      assertFailed(failureOf(second), Phase.CAPTURE);
      first.close();
      captureWhenItIsFree().close();
    }
  }

  @Test
  void waitsOrRefusesWhileAnotherCaptureIsUnderWay() {
    KernelHooks hooks = hooks();
    int before = hooks.quiesces();
    Sinks.Empty<Void> gate = Sinks.empty();
    hooks.quiesceEndsWith(gate.asMono());
    CompletableFuture<Checkpoint> first = kernel().createCheckpoint().toFuture();
    Patience.until("the first has the kernel stopped", () -> hooks.quiesces() == before + 1);
    CompletableFuture<Checkpoint> second = kernel().createCheckpoint().toFuture();
    if (!can(KernelCapability.WAITS)) {
      assertFailed(failureOf(second), Phase.CAPTURE);
    }
    assertThat(hooks.quiesces()).isEqualTo(before + 1);
    hooks.heal();
    gate.tryEmitEmpty();
    result(first).close();
    if (can(KernelCapability.WAITS)) {
      result(second).close();
    }
  }

  private static Checkpoint result(CompletableFuture<Checkpoint> future) {
    return await(Mono.fromFuture(future), Checkpoint.class);
  }

  private static @Nullable Throwable failureOf(CompletableFuture<?> future) {
    Throwable failure =
        catchThrowable(() -> future.get(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS));
    return failure == null ? null : failure.getCause();
  }

  @Test
  void forgetsAWaitingCaptureThatIsCancelled() {
    Checkpoint first = capture();
    kernel().createCheckpoint().subscribe(Checkpoint::close, refused -> {}).dispose();
    first.close();
    captureWhenItIsFree().close();
  }

  @Test
  void servesManyThatComeAtOnce() {
    List<Boolean> served =
        Objects.requireNonNull(
            Flux.range(0, MANY)
                .flatMap(i -> attempt().subscribeOn(Schedulers.boundedElastic()), MANY)
                .collectList()
                .block(Patience.LIMIT));
    assertThat(served).hasSize(MANY).contains(true);
    if (can(KernelCapability.WAITS)) {
      assertThat(served).doesNotContain(false);
    }
  }

  /** Whether it was captured; refused is no failure where it may be. */
  private Mono<Boolean> attempt() {
    return kernel()
        .createCheckpoint()
        .doOnNext(Checkpoint::close)
        .thenReturn(true)
        .onErrorResume(KernelException.class, e -> Mono.just(false));
  }

  @Test
  void restoresFromItsOwnOpenCheckpointOrRefusesInsteadOfWaitingForItself() {
    List<StatePart> state = subject().state();
    try (Checkpoint open = capture()) {
      Mono<Void> restore = kernel().restoreFromCheckpoint(open);
      if (can(KernelCapability.SHADOW)) {
        subject().advance();
        await(restore);
        assertSame(subject().state(), state);
      } else {
        assertFailed(failureOf(restore), Phase.RESTORE);
      }
    }
  }

  @Test
  void neverCapturesAStateThatIsHalfRestored() {
    CheckpointMetadata metadata = subject().metadata();
    List<StatePart> state = subject().state();
    subject().advance();
    try (Checkpoint earlier = checkpoints.of(metadata, state);
        Checkpoint later = checkpoints.of(subject().metadata(), subject().state())) {
      Mono<Void> restores =
          Flux.range(0, 10)
              .concatMap(i -> kernel().restoreFromCheckpoint(i % 2 == 0 ? earlier : later))
              .onErrorResume(KernelException.class, refused -> Mono.empty())
              .then();
      Mono<Void> captures =
          Flux.range(0, 10)
              .concatMap(i -> kernel().createCheckpoint())
              .publishOn(Schedulers.boundedElastic(), 1)
              .doOnNext(this::assertWasReached)
              .onErrorResume(KernelException.class, refused -> Mono.empty())
              .then();
      await(Mono.when(restores, captures));
    }
  }

  private void assertWasReached(Checkpoint checkpoint) {
    try (checkpoint) {
      subject().assertWasReached(checkpoint.metadata(), read(checkpoint));
    }
  }
}
