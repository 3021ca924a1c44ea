package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

class AnswerTest {
  private final List<String> events = new ArrayList<>();
  private final Answer<String> answer =
      new Answer<>(
          new Recorder(),
          Runnable::run,
          dropped -> events.add("dropped " + dropped),
          over -> events.add("over"));

  @Test
  void aValueIsReceivedWhenItIsAskedFor() {
    answer.give("x");
    assertThat(events).isEmpty();
    assertThat(answer.isWanted()).isTrue();

    answer.request(1);

    assertThat(events).containsExactly("over", "received x", "completed");
    assertThat(answer.isWanted()).isFalse();
  }

  @Test
  void aValueThatWasAskedForIsReceivedWhenItComes() {
    answer.request(Long.MAX_VALUE);
    answer.request(1);
    answer.give("x");
    answer.request(1);

    assertThat(events).containsExactly("over", "received x", "completed");
  }

  @Test
  void aValueThatComesAfterACancellationIsDropped() {
    answer.request(1);
    answer.cancel();
    answer.give("x");
    answer.cancel();

    assertThat(events).containsExactly("over", "dropped x");
  }

  @Test
  void aValueThatWasNeverAskedForIsDroppedByTheCancellation() {
    answer.give("x");
    answer.cancel();
    answer.request(1);

    assertThat(events).containsExactly("over", "dropped x");
  }

  @Test
  void completionsAndErrorsNeedNoDemandAndComeOnce() {
    answer.done();
    answer.done();
    answer.fail(new IllegalStateException("late"));
    assertThat(events).containsExactly("over", "completed");
  }

  @Test
  void anErrorDropsAValueThatNobodyAskedFor() {
    answer.give("x");
    answer.fail(new IllegalStateException("closed"));
    answer.request(1);

    assertThat(events).containsExactly("over", "dropped x", "failed closed");
  }

  @Test
  void refusesADemandOfNothing() {
    answer.request(0);

    assertThat(events).containsExactly("over", "failed demand must be at least 1, not 0");
  }

  @Test
  void aValueThatMeetsACancellationIsReceivedOrDroppedNeverBothNorLost() throws Exception {
    AtomicInteger fates = new AtomicInteger();
    ExecutorService signals = Executors.newSingleThreadExecutor();
    try {
      for (int i = 1; i <= 20_000; i++) {
        Answer<Integer> raced =
            new Answer<>(new Counter(fates), signals, x -> fates.incrementAndGet(), over -> {});
        raced.request(1);
        raced.give(i);
        raced.cancel();
      }
      CompletableFuture.runAsync(() -> {}, signals).get(30, TimeUnit.SECONDS);
    } finally {
      signals.shutdown();
    }
    assertThat(fates).hasValue(20_000);
  }

  private final class Recorder implements Subscriber<String> {
    @Override
    public void onSubscribe(Subscription subscription) {
      throw new AssertionError("the answer is the subscription");
    }

    @Override
    public void onNext(String value) {
      events.add("received " + value);
    }

    @Override
    public void onError(Throwable error) {
      events.add("failed " + error.getMessage());
    }

    @Override
    public void onComplete() {
      events.add("completed");
    }
  }

  private record Counter(AtomicInteger received) implements Subscriber<Integer> {
    @Override
    public void onSubscribe(Subscription subscription) {}

    @Override
    public void onNext(Integer value) {
      received.incrementAndGet();
    }

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onComplete() {}
  }
}
