package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class KernelLoopTest {
  private final AtomicReference<RuntimeException> breakdown = new AtomicReference<>();
  private final AtomicInteger ends = new AtomicInteger();
  private final KernelLoop loop = new KernelLoop("k", this::turn, ends::incrementAndGet);

  private boolean turn() {
    if (breakdown.get() != null) {
      throw breakdown.get();
    }
    return false;
  }

  @AfterEach
  void close() {
    loop.close();
  }

  private Mono<String> threadName() {
    return loop.ask(Phase.CAPTURE, answer -> answer.give(Thread.currentThread().getName()));
  }

  @Test
  void servesOnItsOwnThreadAndAnswersOnAnother() {
    loop.start();
    Mono<String> answeredOn = threadName().map(served -> Thread.currentThread().getName());

    assertThat(threadName().block(Patience.LIMIT)).isEqualTo("wave-k");
    assertThat(answeredOn.block(Patience.LIMIT)).startsWith("wave-k-signals");
  }

  @Test
  void isNotLeftAsleepByRequestsThatComeAsItGoesToSleep() {
    loop.start();
    Flux<String> many =
        Flux.range(0, 5_000).flatMap(i -> threadName().subscribeOn(Schedulers.parallel()), 4);

    StepVerifier.create(many.count()).expectNext(5_000L).expectComplete().verify(Patience.LIMIT);
  }

  @Test
  void worksOnAfterARequestThatFailed() {
    loop.start();
    Mono<Object> failing =
        loop.ask(
            Phase.CAPTURE,
            answer -> {
              throw new IllegalStateException("this request only");
            });

    StepVerifier.create(failing).expectErrorMessage("this request only").verify(Patience.LIMIT);
    assertThat(threadName().block(Patience.LIMIT)).isEqualTo("wave-k");
  }

  @Test
  void doesNothingForARequestThatWasCancelledBefore() {
    AtomicInteger served = new AtomicInteger();
    // Not started yet, so that the request waits.
    loop.ask(Phase.RESTORE, answer -> served.incrementAndGet()).subscribe().dispose();
    loop.start();

    assertThat(threadName().block(Patience.LIMIT)).isEqualTo("wave-k");
    assertThat(served).hasValue(0);
  }

  @Test
  void tellsEverybodyWhyItsThreadFailed() {
    loop.start();
    CompletableFuture<Object> waiting = loop.ask(Phase.RESUME, answer -> {}).toFuture();
    IllegalStateException reason = new IllegalStateException("the solver broke down");
    breakdown.set(reason);
    loop.tell(() -> {});

    assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(KernelException.class)
        .hasMessage("kernel 'k', resume: the kernel's thread failed")
        .hasCause(reason);
    StepVerifier.create(threadName())
        .expectErrorMatches(e -> e instanceof KernelException && e.getCause() == reason)
        .verify(Patience.LIMIT);
    Patience.until("it has ended", () -> ends.get() == 1);
  }

  @Test
  void nobodyIsLeftWaitingWhenItClosesMeanwhile() {
    loop.start();
    Flux<Boolean> asked =
        Flux.range(0, 2_000)
            .doOnNext(i -> closeAt(700, i))
            .flatMap(
                i ->
                    threadName()
                        .map(name -> true)
                        .onErrorReturn(KernelException.class, false)
                        .subscribeOn(Schedulers.parallel()),
                8);

    StepVerifier.create(asked.count()).expectNext(2_000L).expectComplete().verify(Patience.LIMIT);
    Patience.until("it has ended", () -> ends.get() == 1);
    StepVerifier.create(loop.beside(Phase.RESTORE, Mono.just(1)))
        .expectErrorMessage("kernel 'k', restore: the kernel is closed")
        .verify(Patience.LIMIT);
  }

  private void closeAt(int when, int now) {
    if (now == when) {
      loop.close();
    }
  }
}
