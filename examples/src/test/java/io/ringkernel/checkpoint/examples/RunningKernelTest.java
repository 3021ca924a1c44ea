package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

class RunningKernelTest {
  private static final int CELLS = 200_000;

  private final Checkpointer checkpointer =
      Checkpointer.builder("memory:").captureTimeout(Patience.LIMIT).build();

  private static void assertOneStep(Checkpoint checkpoint) {
    ByteBuffer field = ByteBuffer.allocate(CELLS * Long.BYTES);
    checkpoint.region("field").orElseThrow().content().read(0, field).block(Patience.LIMIT);
    for (int at = 0; at < field.capacity(); at += Long.BYTES) {
      assertThat(field.getLong(at)).isEqualTo(checkpoint.metadata().step());
    }
  }

  private void assertWhole(SaveReceipt saved) {
    try (Checkpoint checkpoint = checkpointer.load(saved.name()).block(Patience.LIMIT)) {
      assertThat(checkpoint.metadata().step()).isEqualTo(saved.step());
      assertThat(checkpoint.metadata().custom())
          .isEqualTo(Map.of("loss", Double.toString(1.0 / (1 + saved.step()))));
      assertOneStep(checkpoint);
    }
  }

  @Test
  void isSavedBetweenTwoStepsAndRunsOn() {
    try (RunningKernel running = new RunningKernel("r", CELLS)) {
      long before = -1;
      for (int i = 0; i < 10; i++) {
        SaveReceipt saved = checkpointer.save(running.kernel()).block(Patience.LIMIT);
        assertWhole(saved);
        assertThat(saved.step()).as("it ran on").isGreaterThan(before);
        before = saved.step();
        awaitAnotherStep(running, before);
      }
    }
    checkpointer.close().block(Patience.LIMIT);
  }

  private void awaitAnotherStep(RunningKernel running, long than) {
    Patience.until("it runs on", () -> stepOf(running) > than);
  }

  private static long stepOf(RunningKernel running) {
    try (Checkpoint now = running.kernel().createCheckpoint().block(Patience.LIMIT)) {
      return now.metadata().step();
    }
  }

  @Test
  void isNeverTornWhateverStopWasCancelledBefore() {
    try (RunningKernel running = new RunningKernel("r", CELLS)) {
      for (int i = 0; i < 100; i++) {
        // Given up at some moment of the stop, the copy or the resume.
        Flux.from(running.kernel().createCheckpoint().doOnNext(Checkpoint::close))
            .takeUntilOther(Flux.interval(Duration.ofNanos(20_000L * i)).take(1))
            .blockLast(Patience.LIMIT);
        try (Checkpoint now = running.kernel().createCheckpoint().block(Patience.LIMIT)) {
          assertOneStep(now);
        }
      }
      awaitAnotherStep(running, stepOf(running));
    }
    checkpointer.close().block(Patience.LIMIT);
  }
}
