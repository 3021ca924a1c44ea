package io.ringkernel.checkpoint.storage.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.publisher.TestPublisher;
import reactor.util.context.Context;

class ArrivalsTest {
  private final AtomicInteger changes = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private final TestPublisher<OwnedBuffer> source = TestPublisher.create();
  private final Arrivals arrivals =
      new Arrivals(Context.of("who", "the saver"), changes::incrementAndGet);

  private OwnedBuffer buffer(int bytes) {
    return OwnedBuffer.of(ByteBuffer.allocate(bytes), closed::incrementAndGet);
  }

  @Test
  void asksForNothingByItself() {
    arrivals.subscribeTo(source);

    source.assertSubscribers(1);
    source.assertWasNotRequested();
    assertThat(arrivals.hasBegun()).isTrue();
    assertThat(changes).as("that it has begun is a change").hasValue(1);

    arrivals.request(2);
    source.assertMinRequested(2);
  }

  @Test
  void givesWhatCameInOrderAndToldIt() {
    arrivals.subscribeTo(source);
    arrivals.request(2);
    source.next(buffer(1), buffer(2)).complete();

    assertThat(changes).hasValue(4);
    assertThat(arrivals.isComplete()).isTrue();
    OwnedBuffer first = arrivals.peek();
    assertThat(first).isNotNull().isSameAs(arrivals.poll());
    assertThat(first.buffer().remaining()).isEqualTo(1);
    assertThat(closed).as("it is the taker's").hasValue(0);

    arrivals.closeAll();
    assertThat(closed).as("the one that nobody took").hasValue(1);
    assertThat(arrivals.isEmpty()).isTrue();
  }

  @Test
  void keepsWhyTheSourceFailed() {
    arrivals.subscribeTo(source);
    source.error(new IllegalStateException("the device is gone"));

    assertThat(arrivals.failure()).hasMessage("the device is gone");
    assertThat(changes).as("that it has begun, and failed").hasValue(2);
    assertThat(arrivals.isComplete()).isFalse();
  }

  @Test
  void cancelsASourceThatHasBegun() {
    arrivals.subscribeTo(source);
    arrivals.request(1);
    source.assertNotCancelled();

    arrivals.cancel();

    source.assertCancelled();
  }

  @Test
  void asksASourceThatHasNotBegunForNothing() {
    arrivals.request(3);
    arrivals.subscribeTo(source);
    arrivals.request(0);

    source.assertWasNotRequested();
  }

  @Test
  void cancelsASourceThatBeginsOnlyAfterwards() {
    arrivals.cancel();
    arrivals.subscribeTo(source);

    source.assertCancelled();
  }

  @Test
  void closesWhatOperatorsOfTheSourceDrop() {
    Flux<OwnedBuffer> filtered = Flux.just(buffer(1), buffer(2)).filter(each -> false);
    arrivals.subscribeTo(filtered);
    arrivals.request(2);

    assertThat(closed).hasValue(2);
  }

  @Test
  void showsTheSourceItsSubscribersContext() {
    Flux<OwnedBuffer> named =
        Mono.deferContextual(context -> Mono.just(buffer(context.<String>get("who").length())))
            .flux();
    arrivals.subscribeTo(named);
    arrivals.request(1);

    OwnedBuffer only = arrivals.poll();
    assertThat(only).isNotNull();
    assertThat(only.buffer().remaining()).isEqualTo("the saver".length());
    only.close();
  }
}
