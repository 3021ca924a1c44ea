package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/**
 * Laziness, attempts and threads.
 *
 * <p>That nothing blocks where it must not is seen by BlockHound where it is installed: the kernel
 * is called from a non-blocking thread.
 */
abstract class ReactiveTopic extends KernelTopic {
  ReactiveTopic(KernelContract contract) {
    super(contract);
  }

  @Test
  void doesNothingBeforeItIsSubscribedTo() {
    List<StatePart> earlier = subject().state();
    try (Checkpoint checkpoint = checkpoints.of(subject().metadata(), earlier)) {
      subject().advance();
      List<StatePart> present = subject().state();
      Mono<?> capture = kernel().createCheckpoint();
      Mono<?> incremental = kernel().createIncrementalCheckpoint(checkpoint);
      Mono<?> restore = kernel().restoreFromCheckpoint(checkpoint);
      subject().advance();
      subject().overwrite(bytesOf(present));
      // Whatever was begun would be in the way of this.
      capture().close();
      assertSame(subject().state(), present);
      assertThat(checkpoints.readers()).isEmpty();
      subject().hooks().ifPresent(hooks -> assertThat(hooks.quiesces()).isEqualTo(1));
      assertThat(List.of(capture, incremental, restore)).doesNotContainNull();
    }
  }

  @Test
  void makesANewAttemptForEachSubscription() {
    CheckpointMetadata metadata = subject().metadata();
    List<StatePart> earlier = subject().state();
    Mono<Checkpoint> capture = kernel().createCheckpoint();
    long step = stepOf(capture);
    subject().advance();
    assertThat(stepOf(capture)).isGreaterThan(step);
    try (Checkpoint checkpoint = checkpoints.of(metadata, earlier)) {
      Mono<Void> restore = kernel().restoreFromCheckpoint(checkpoint);
      await(restore);
      subject().advance();
      await(restore);
      assertSame(subject().state(), earlier);
    }
  }

  private static long stepOf(Mono<Checkpoint> capture) {
    try (Checkpoint checkpoint = await(capture, Checkpoint.class)) {
      return checkpoint.metadata().step();
    }
  }

  @Test
  void givesOneCheckpointAndCompletes() {
    StepVerifier.create(kernel().createCheckpoint().doOnNext(Checkpoint::close))
        .expectNextCount(1)
        .expectComplete()
        .verify(Patience.LIMIT);
    try (Checkpoint checkpoint = checkpoints.of(subject().metadata(), subject().state())) {
      StepVerifier.create(kernel().restoreFromCheckpoint(checkpoint))
          .expectComplete()
          .verify(Patience.LIMIT);
    }
  }

  @Test
  void worksOnThreadsOfItsOwn() {
    CompletableFuture<Thread> subscriber = new CompletableFuture<>();
    CompletableFuture<Thread> receiver = new CompletableFuture<>();
    try (Checkpoint checkpoint = checkpoints.of(subject().metadata(), subject().state())) {
      Mono<Void> capture =
          kernel()
              .createCheckpoint()
              .doOnNext(taken -> receiver.complete(Thread.currentThread()))
              .doOnNext(Checkpoint::close)
              .then();
      Mono<Void> restore = kernel().restoreFromCheckpoint(checkpoint);
      onOneThread(capture, subscriber);
      onOneThread(restore, subscriber);
    }
    assertThat(receiver.join()).isNotSameAs(subscriber.join());
    subject()
        .hooks()
        .ifPresent(hooks -> assertThat(hooks.callers()).doesNotContain(subscriber.join()));
    assertThat(checkpoints.readers()).isNotEmpty().doesNotContain(subscriber.join());
  }

  /** Called from a non-blocking thread, which is the same for all calls with one future. */
  private static void onOneThread(Mono<Void> call, CompletableFuture<Thread> thread) {
    Scheduler scheduler = Schedulers.newSingle("subscriber", true);
    try {
      await(
          Mono.defer(
                  () -> {
                    thread.complete(Thread.currentThread());
                    return call;
                  })
              .subscribeOn(scheduler));
    } finally {
      scheduler.dispose();
    }
  }

  @Test
  void blocksNoThreadThatMustNotBlock() {
    CheckpointMetadata metadata = subject().metadata();
    List<StatePart> earlier = subject().state();
    subject().advance();
    try (Checkpoint checkpoint = checkpoints.of(metadata, earlier)) {
      await(
          kernel()
              .createCheckpoint()
              .publishOn(Schedulers.parallel())
              .doOnNext(Checkpoint::close)
              .then(Mono.defer(() -> kernel().restoreFromCheckpoint(checkpoint)))
              .subscribeOn(Schedulers.parallel()));
    }
    assertSame(subject().state(), earlier);
  }
}
