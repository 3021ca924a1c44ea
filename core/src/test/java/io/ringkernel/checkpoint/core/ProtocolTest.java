package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.ProtocolWorld.Actor;
import io.ringkernel.checkpoint.core.ProtocolWorld.Process;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Savers, collectors and deleters, as they are, in every order of their steps; and each check of
 * the protocol left out, which loses data.
 */
@Timeout(300)
class ProtocolTest {
  private static final int ALL = Integer.MAX_VALUE;

  private static final Actor SAVER = Actor.of("saver", process -> process.save("b", "a"));
  private static final Actor OTHER = Actor.of("other", process -> process.save("c", "a"));
  private static final Actor FLATTENER = Actor.of("flattener", process -> process.flatten("a"));
  private static final Actor DELETER = Actor.of("deleter", process -> process.deleter.delete("a"));
  private static final Actor COLLECTOR = Actor.of("collector", Process::collect);
  private static final Actor SECOND = Actor.of("second collector", Process::collect);

  private static Explorer.Result explore(
      int preemptions, int crashes, int lapses, Actor... actors) {
    long startedAt = System.nanoTime();
    Explorer.Result result =
        new Explorer(() -> new ProtocolWorld(List.of(actors), crashes, lapses), preemptions).run();
    System.err.println(
        result.ends()
            + " ends, "
            + result.states()
            + " states, "
            + (System.nanoTime() - startedAt) / 1_000_000
            + " ms, "
            + List.of(actors).stream().map(Actor::name).toList());
    return result;
  }

  private static void assertNothingIsLost(
      int preemptions, int crashes, int lapses, Actor... actors) {
    Explorer.Result result = explore(preemptions, crashes, lapses, actors);
    assertThat(result.failure()).isNull();
    assertThat(result.ends()).isPositive();
  }

  @Test
  void b0() {
    assertNothingIsLost(0, 0, 0, SAVER, COLLECTOR);
  }

  @Test
  void b1() {
    assertNothingIsLost(1, 0, 0, SAVER, COLLECTOR);
  }

  @Test
  void b2() {
    assertNothingIsLost(2, 0, 0, SAVER, COLLECTOR);
  }
}
