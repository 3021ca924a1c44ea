package io.ringkernel.checkpoint.kernel.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

class CancellationTest {
  private final Sinks.Empty<Void> end = Sinks.empty();
  private final AtomicReference<Cancellation> wish = new AtomicReference<>();

  private Mono<Void> work() {
    return Cancellation.of(
        cancellation -> {
          wish.set(cancellation);
          return end.asMono();
        });
  }

  @Test
  void leavesTheWorkToItsEndWhenItsSubscriberCancels() {
    StepVerifier.create(work()).thenCancel().verify();

    assertThat(wish.get().isWished()).isTrue();
    assertThat(end.currentSubscriberCount()).isEqualTo(1);
    end.tryEmitError(new IllegalStateException("nobody is told"));
  }

  @Test
  void tellsOfWorkThatWishedItsOwnEndAndFailed() {
    StepVerifier.create(work())
        .then(() -> wish.get().cancel())
        .then(() -> end.tryEmitError(new IllegalStateException("given up")))
        .verifyErrorMessage("given up");
  }

  @Test
  void endsAWaitByTheWish() {
    StepVerifier.create(Cancellation.of(cancellation -> cancellation.ends(Mono.never())))
        .thenCancel()
        .verify();
    Cancellation cancellation = new Cancellation();
    StepVerifier.create(cancellation.ends(Mono.never()))
        .then(cancellation::cancel)
        .verifyErrorMessage("it was cancelled");
  }

  @Test
  void suppressesInAFailureThatTheKernelDoesNotRunOn() {
    IllegalStateException failure = new IllegalStateException("not captured");
    IllegalStateException stuck = new IllegalStateException("stuck");
    Cancellation cancellation = new Cancellation();

    StepVerifier.create(cancellation.runOn(Mono.error(stuck), failure)).verifyComplete();
    assertThat(failure).hasSuppressedException(stuck);
    StepVerifier.create(cancellation.runOn(Mono.error(stuck), stuck)).verifyComplete();
    assertThat(stuck.getSuppressed()).as("it is no other failure").isEmpty();
    IllegalStateException other = new IllegalStateException("other");
    StepVerifier.create(cancellation.runOn(Mono.empty(), other)).verifyComplete();
    assertThat(other.getSuppressed()).isEmpty();
  }

  @Test
  void tellsReactorThatTheKernelDoesNotRunOnWhereThereIsNobodyElse() {
    List<Throwable> dropped = new ArrayList<>();
    Context log = Context.of("reactor.onErrorDropped.local", (Consumer<Throwable>) dropped::add);
    IllegalStateException stuck = new IllegalStateException("stuck");
    Cancellation cancellation = new Cancellation();
    Mono<Void> runsOn =
        cancellation
            .runOn(Mono.error(stuck), new IllegalStateException("it was cancelled"))
            .contextWrite(log);

    StepVerifier.create(runsOn).verifyComplete();
    assertThat(dropped).as("its failure has somebody to tell").isEmpty();

    cancellation.cancel();
    StepVerifier.create(runsOn).verifyComplete();
    assertThat(dropped).containsExactly(stuck);
  }
}
