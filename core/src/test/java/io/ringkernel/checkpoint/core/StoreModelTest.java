package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A store against a map of what should be in it, over thousands of random steps and processes that
 * die in the middle of one. {@code -Drkcp.model.seed} repeats a run, {@code -Drkcp.model.steps}
 * makes it longer.
 */
@Timeout(3600)
class StoreModelTest {
  private static final int STEPS = Integer.getInteger("rkcp.model.steps", 600);
  private static final List<String> OURS =
      Stream.of(StoreModelTest.class, StoreActions.class, StoreChecks.class, MortalProcess.class)
          .map(Class::getName)
          .toList();

  private final long seed = Long.getLong("rkcp.model.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final MortalProcess process = new MortalProcess(random);
  private final ExpectedStore model = new ExpectedStore();
  private final StoreChecks checks = new StoreChecks(process, model);
  private final StoreActions actions = new StoreActions(random, process, model, checks);
  private int steps;

  @AfterEach
  void close() {
    process.close();
  }

  @Test
  void holdsWhatItShouldAndNothingElse() {
    try {
      while (steps < STEPS) {
        actions.any();
        steps++;
        if (steps % 25 == 0) {
          checks.all();
        }
        if (steps % 50 == 0) {
          checks.nothingElseIsKept();
        }
      }
      checks.nothingElseIsKept();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(told(e), e);
    }
    assertThat(process.counts())
        .as("seed %s", seed)
        .containsKeys("save", "flatten", "collect", "prune", "repair");
  }

  /** A failure with what led to it; surefire shows this message only, not its cause's. */
  private String told(Throwable failure) {
    return "seed %s, after %s steps: %s%n  at %s%nThe last of its history:%n  %s"
        .formatted(seed, steps, failure, ours(failure), process.told());
  }

  /** Where in this test something failed. */
  private static String ours(Throwable failure) {
    return Arrays.stream(failure.getStackTrace())
        .filter(frame -> OURS.contains(frame.getClassName()))
        .map(StackTraceElement::toString)
        .findFirst()
        .orElse("somewhere else");
  }
}
