package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class PumpTest {
  private final Queue<String> waiting = new ArrayDeque<>();
  private final List<String> begun = new ArrayList<>();
  private final List<Sinks.Empty<Void>> ends = new ArrayList<>();
  private final Disposable.Composite running = Disposables.composite();

  /** Something that happens while it is looked for work, after the queue was found empty. */
  private Runnable meanwhile = () -> {};

  private Pump<String> pump(int most) {
    return new Pump<>(most, this::next, () -> !waiting.isEmpty(), this::work, running);
  }

  private String next() {
    String one = waiting.poll();
    Runnable now = meanwhile;
    meanwhile = () -> {};
    now.run();
    return one;
  }

  private Mono<Void> work(String one) {
    begun.add(one);
    Sinks.Empty<Void> end = Sinks.empty();
    ends.add(end);
    return end.asMono();
  }

  @Test
  void worksOnNoMoreAtOnceThanItMay() {
    waiting.addAll(List.of("a", "b", "c"));
    pump(2).run();

    assertThat(begun).containsExactly("a", "b");
    ends.get(1).tryEmitEmpty();
    assertThat(begun).containsExactly("a", "b", "c");
  }

  @Test
  void takesUpWhatCameWhileTheLastPlaceWasTakenToLookForWork() {
    Pump<String> pump = pump(1);
    meanwhile =
        () -> {
          waiting.add("a");
          pump.run();
        };
    pump.run();

    assertThat(begun).containsExactly("a");
  }

  @Test
  void takesUpNothingMoreWhenItIsOver() {
    waiting.addAll(List.of("a", "b"));
    Pump<String> pump = pump(1);
    pump.run();
    running.dispose();
    ends.get(0).tryEmitEmpty();
    pump.run();

    assertThat(begun).containsExactly("a");
    assertThat(waiting).containsExactly("b");
  }
}
