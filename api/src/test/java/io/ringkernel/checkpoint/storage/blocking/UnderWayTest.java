package io.ringkernel.checkpoint.storage.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.ClosedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class UnderWayTest {
  private final AtomicInteger givenBack = new AtomicInteger();
  private final UnderWay underWay = new UnderWay(givenBack::incrementAndGet);
  private final List<String> stopped = new ArrayList<>();

  private Operation operation(String name) {
    return new Operation(name, () -> stopped.add(name));
  }

  @Test
  void stopsWhatIsUnderWayAndGivesBackAfterTheLast() {
    Operation first = operation("a");
    Operation second = operation("b");
    assertThat(underWay.begin(first)).isTrue();
    assertThat(underWay.begin(second)).isTrue();
    assertThat(underWay.count()).isEqualTo(2);

    underWay.close();
    assertThat(stopped).containsExactlyInAnyOrder("a", "b");

    underWay.end(first);
    assertThat(givenBack).hasValue(0);
    underWay.end(second);
    assertThat(givenBack).hasValue(1);
  }

  @Test
  void letsNothingBeginOnceClosed() {
    underWay.close();

    assertThat(underWay.begin(operation("late"))).isFalse();
    StepVerifier.create(underWay.untilClosed("late", Flux.just(1), Schedulers.immediate()))
        .verifyError(ClosedException.class);
    assertThat(givenBack).hasValue(1);
  }

  @Test
  void givesBackOnceHoweverOftenItIsClosedAndEnded() {
    Operation only = operation("only");
    underWay.begin(only);
    underWay.close();
    underWay.close();
    underWay.end(only);
    underWay.end(only);

    assertThat(stopped).hasSize(1);
    assertThat(givenBack).hasValue(1);
  }

  @Test
  void keepsRunningWhileNothingClosesIt() {
    Operation only = operation("only");
    underWay.begin(only);
    underWay.end(only);

    assertThat(givenBack).hasValue(0);
    assertThat(underWay.begin(only)).isTrue();
  }

  @Test
  void cancelsWorkThatLeavesNothingBehindAndFailsIt() {
    TestPublisher<Integer> work = TestPublisher.create();

    StepVerifier.create(underWay.untilClosed("a", work.flux(), Schedulers.immediate()))
        .then(() -> work.next(1))
        .expectNext(1)
        .then(underWay::close)
        .verifyErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOf(ClosedException.class)
                    .hasMessageContaining("'a': this storage was closed"));
    work.assertCancelled();
    assertThat(givenBack).hasValue(1);
  }

  @Test
  void countsSuchWorkNoMoreOnceItHasEnded() {
    StepVerifier.create(underWay.untilClosed("a", Flux.just(1), Schedulers.immediate()))
        .expectNext(1)
        .verifyComplete();
    assertThat(underWay.count()).isZero();
  }
}
