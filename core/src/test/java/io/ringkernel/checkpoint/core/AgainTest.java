package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.StorageException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.retry.Retry;

class AgainTest {
  private final ChangedMeanwhileException refused = new ChangedMeanwhileException("a", "1", "2");
  private final StorageException lost = new StorageException("connection reset", true, null);
  private final StorageException broken = new StorageException("the disk is full", false, null);
  private final AtomicInteger attempts = new AtomicInteger();

  /** Fails as it is told of each attempt, the first one being 1. */
  private Mono<Integer> work(IntFunction<Throwable> failure, Retry again) {
    return Mono.<Integer>defer(() -> Mono.error(failure.apply(attempts.incrementAndGet())))
        .retryWhen(again);
  }

  @Test
  void givesUpWhereSoManyRefusalsAreNoRaceAnyMore() {
    StepVerifier.create(work(n -> refused, Again.afterRefusal()))
        .verifyErrorSatisfies(error -> assertThat(error).isSameAs(refused));
    assertThat(attempts).hasValue(Again.MOST_ATTEMPTS);
  }

  @Test
  void bearsALostAnswerOnlyWhereItMay() {
    StepVerifier.create(work(n -> lost, Again.afterRefusal()))
        .verifyErrorSatisfies(error -> assertThat(error).isSameAs(lost));
    assertThat(attempts).hasValue(1);

    StepVerifier.create(work(n -> lost, Again.afterRefusalOrLostAnswer()))
        .verifyErrorSatisfies(error -> assertThat(error).isSameAs(lost));
    assertThat(attempts).hasValue(1 + Again.MOST_LOST_ANSWERS);
  }

  @Test
  void countsRefusalsAndLostAnswersTogether() {
    IntFunction<Throwable> refusedFirst = n -> n < Again.MOST_LOST_ANSWERS ? refused : lost;

    StepVerifier.create(work(refusedFirst, Again.afterRefusalOrLostAnswer()))
        .verifyErrorSatisfies(error -> assertThat(error).isSameAs(lost));
    assertThat(attempts).hasValue(Again.MOST_LOST_ANSWERS);
  }

  @Test
  void passesOnWhatAnotherAttemptWouldMeetAgain() {
    StepVerifier.create(work(n -> broken, Again.afterRefusalOrLostAnswer()))
        .verifyErrorSatisfies(error -> assertThat(error).isSameAs(broken));
    assertThat(attempts).hasValue(1);
  }
}
