package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class OpenedTest {
  private final Opened opened = new Opened();
  private final List<String> closed = Collections.synchronizedList(new ArrayList<>());

  @Test
  void closesInTheOppositeOrderWhateverFails() {
    IllegalStateException second = new IllegalStateException("second");
    opened.closedBy(() -> Mono.fromRunnable(() -> closed.add("first")));
    opened.closedByBlocking(
        () -> {
          closed.add("second");
          throw second;
        });
    opened.closedBy(() -> Mono.fromRunnable(() -> closed.add("third")));
    opened.closedBy(
        () -> {
          closed.add("fourth");
          throw new IllegalStateException("fourth");
        });

    assertThatThrownBy(() -> opened.close().block(LONG))
        .hasMessage("fourth")
        .hasSuppressedException(second);
    assertThat(closed).containsExactly("fourth", "third", "second", "first");
  }

  @Test
  void givesTheOnlyFailureAsItIs() {
    IllegalStateException only = new IllegalStateException("only");
    opened.closedBy(() -> Mono.error(only));
    opened.closedBy(Mono::empty);

    opened.close().as(reactor.test.StepVerifier::create).verifyErrorMatches(e -> e == only);
  }

  @Test
  void endsNoThreadOnTheCallers() {
    List<Thread> threads = new ArrayList<>();
    opened.closedByBlocking(() -> threads.add(Thread.currentThread()));

    opened.close().block(LONG);

    assertThat(threads).singleElement().isNotSameAs(Thread.currentThread());
  }
}
