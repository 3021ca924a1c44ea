package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.FailedSave;
import io.ringkernel.checkpoint.core.PeriodicSaves;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.core.SaveRequest;
import io.ringkernel.checkpoint.error.StaleWriterException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * How a service saves its kernel for as long as it runs, hears of failures as they happen, and ends
 * without losing the save under way.
 */
public final class SteadySaves {
  private final Checkpointer checkpointer;
  private final PeriodicSaves saves;

  /**
   * Opens a store.
   *
   * @param uri for example {@code "file:/var/lib/sim"}
   * @param interval from save to save
   * @param alarm told of each failure; must not block
   */
  public SteadySaves(String uri, Duration interval, Consumer<FailedSave> alarm) {
    checkpointer = Checkpointer.open(uri);
    saves =
        PeriodicSaves.every(interval)
            .request(SaveRequest.defaults().tags(List.of("steady")))
            // Whatever it is, the next one may succeed; not when another process has the kernel.
            .goOnAfter(failed -> !(failed.error() instanceof StaleWriterException))
            .onFailure(alarm);
  }

  /**
   * Saves the kernel again and again.
   *
   * @param kernel runs on meanwhile
   * @return a receipt for each; completes after {@link #end}
   */
  public Flux<SaveReceipt> run(CheckpointableKernel kernel) {
    return checkpointer.every(saves, kernel);
  }

  /**
   * Lets the save under way finish, then closes the store: for a framework's hook at the end, or
   * {@code Runtime.getRuntime().addShutdownHook(new Thread(() -> saves.end(limit).block()))}.
   *
   * @param limit less than the time that SIGTERM leaves the process
   */
  public Mono<Void> end(Duration limit) {
    return checkpointer.close(limit);
  }
}
