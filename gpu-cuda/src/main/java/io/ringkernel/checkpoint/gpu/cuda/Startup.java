package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.DetachedThreads;
import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What is asked of the driver before there is a context to work in. A driver whose device hangs may
 * never answer, so it is asked on a thread of its own.
 */
final class Startup {
  private Startup() {}

  /**
   * Starts the driver and asks it something.
   *
   * @param limit after this it fails with {@link StuckDriverException}
   * @param question of a driver that has started
   * @param unwanted gets an answer that comes later
   */
  static <T> T ask(Duration limit, Supplier<T> question, Consumer<T> unwanted) {
    Awaited<T> answer = new Awaited<>();
    DetachedThreads.start(
        "rkcp-cuda-start",
        () -> {
          try {
            Driver.init();
            answer.made(question.get(), unwanted);
          } catch (RuntimeException | Error e) {
            answer.failed(e);
          }
        });
    return answer.get(
        limit,
        "the driver has not answered for "
            + Spans.words(limit)
            + "; see whether nvidia-smi gets an answer");
  }
}
