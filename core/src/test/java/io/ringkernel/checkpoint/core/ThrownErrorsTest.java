package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.internal.ThrownErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** What a subscriber is told, in order: one subscription, what there is, one end. */
class ThrownErrorsTest {
  private final LinkageError missing = new NoClassDefFoundError("x/Y");
  private final List<String> told = new ArrayList<>();
  private final List<Object> dropped = new ArrayList<>();

  /** Writes down what it is told. */
  private class Listener implements CoreSubscriber<Integer> {
    @Override
    public Context currentContext() {
      return Context.of(
          "reactor.onNextDropped.local", (Consumer<Object>) dropped::add,
          "reactor.onErrorDropped.local", (Consumer<Throwable>) dropped::add);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      told.add("subscribed");
      subscription.request(2);
    }

    @Override
    public void onNext(Integer item) {
      told.add("next " + item);
    }

    @Override
    public void onError(Throwable failure) {
      told.add("error " + failure.getMessage());
    }

    @Override
    public void onComplete() {
      told.add("complete");
    }
  }

  private static Throwable worded(Throwable error) {
    return new IllegalStateException("worded: " + error.getMessage());
  }

  private static Flux<Integer> told(Flux<Integer> work) {
    return ThrownErrors.told(work, ThrownErrorsTest::worded);
  }

  @ParameterizedTest
  @EnumSource
  void isToldOnceWhereverItComesFrom(Raised raised) {
    Mono<Integer> work = Mono.defer(() -> raised.raise(missing));

    ThrownErrors.told(work, ThrownErrorsTest::worded).subscribe(new Listener());
    told(work.flux()).subscribe(new Listener());

    assertThat(told)
        .containsExactly("subscribed", "error worded: x/Y", "subscribed", "error worded: x/Y");
  }

  @Test
  void asksForNoMoreThanTheSubscriberDoes() {
    List<Long> asked = new ArrayList<>();

    told(Flux.range(1, 3).doOnRequest(asked::add)).subscribe(new Listener());

    assertThat(told).containsExactly("subscribed", "next 1", "next 2");
    assertThat(asked).containsExactly(2L);
  }

  @Test
  void isToldAlsoOfALaterRequest() {
    AtomicReference<Subscription> asking = new AtomicReference<>();
    Flux<Integer> work = Flux.defer(() -> Raised.AT_REQUEST.<Integer>raise(missing));
    told(work)
        .subscribe(
            new Listener() {
              @Override
              public void onSubscribe(Subscription subscription) {
                asking.set(subscription);
              }
            });

    asking.get().request(1);

    assertThat(told).containsExactly("error worded: x/Y");
  }

  @Test
  void whatTheSubscriberThrowsIsToldItAndEndsTheWork() {
    Source source = new Source();
    told(source)
        .subscribe(
            new Listener() {
              @Override
              public void onNext(Integer item) {
                super.onNext(item);
                throw missing;
              }
            });

    source.subscriber.onNext(1);
    source.subscriber.onNext(2);

    assertThat(told).containsExactly("subscribed", "next 1", "error worded: x/Y");
    assertThat(dropped).containsExactly(2);
    assertThat(source.cancelled).isTrue();
  }

  @Test
  void whatTheSubscriberThrowsAtItsEndIsThrownOn() {
    Listener throwing =
        new Listener() {
          @Override
          public void onComplete() {
            throw missing;
          }
        };

    assertThatThrownBy(() -> told(Flux.just(1)).subscribe(throwing)).isSameAs(missing);
    assertThat(told).containsExactly("subscribed", "next 1");
  }

  @Test
  void whatComesAfterTheEndIsDropped() {
    IllegalStateException late = new IllegalStateException("late");
    for (Consumer<Source> end : List.<Consumer<Source>>of(Source::complete, Source::fail)) {
      told.clear();
      dropped.clear();
      Source source = new Source();
      told(source).subscribe(new Listener());
      end.accept(source);
      assertThat(told).hasSize(2);

      source.subscriber.onNext(1);
      source.subscriber.onError(late);
      source.subscriber.onComplete();

      assertThat(told).hasSize(2);
      assertThat(dropped).containsExactly(1, late);
    }
  }

  @Test
  void whoCancelsEndsTheWork() {
    Source source = new Source();

    told(source).subscribe().dispose();

    assertThat(source.cancelled).isTrue();
  }

  /** Gives what it is told to, whatever it was asked for. */
  private final class Source extends Flux<Integer> implements Subscription {
    private CoreSubscriber<? super Integer> subscriber;
    private boolean cancelled;

    @Override
    public void subscribe(CoreSubscriber<? super Integer> actual) {
      subscriber = actual;
      actual.onSubscribe(this);
    }

    void complete() {
      subscriber.onComplete();
    }

    void fail() {
      subscriber.onError(missing);
    }

    @Override
    public void request(long demand) {
      // It gives nothing by itself.
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }
}
