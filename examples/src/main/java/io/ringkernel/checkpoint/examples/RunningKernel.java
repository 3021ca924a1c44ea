package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import java.nio.ByteBuffer;
import java.util.Map;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A field that a thread changes step after step, described so that it is stopped between two steps
 * for a moment: what a pair of hooks looks like that may be called in any order.
 */
public final class RunningKernel implements AutoCloseable {
  private final ByteBuffer field;
  private final AdaptedKernel kernel;
  private final Thread thread;

  /** Seen by the next step at once, whoever still waits for the one under way. */
  private volatile boolean stopped;

  private volatile boolean ended;

  /**
   * Starts it.
   *
   * @param id which kernel
   * @param cells numbers in the field, at least 1
   */
  public RunningKernel(String id, int cells) {
    field = ByteBuffer.allocateDirect(cells * Long.BYTES);
    kernel =
        KernelAdapters.named("host")
            .adapt(
                KernelDescriptor.builder(id, "running")
                    .region("field", new KernelMemory.Host(field))
                    // Asked while it stands still; the memory holds what a restore brought.
                    .step(() -> field.getLong(0))
                    .custom(() -> Map.of("loss", Double.toString(1.0 / (1 + field.getLong(0)))))
                    .quiesce(this::stop, this::go)
                    .build());
    thread = new Thread(this::run, id);
    thread.setDaemon(true);
    thread.start();
  }

  /** What is saved and restored. */
  public AdaptedKernel kernel() {
    return kernel;
  }

  /** No step begins from the subscription on; completes when the one under way is over. */
  private Mono<Void> stop() {
    return Mono.fromRunnable(() -> stopped = true).then(betweenSteps());
  }

  /** Also after a stop that failed or was cancelled, which may still wait: it changes nothing. */
  private Mono<Void> go() {
    return Mono.fromRunnable(() -> stopped = false).then(betweenSteps());
  }

  /** Waits for the step under way, but not on the thread that asks; wakes a thread that stands. */
  private Mono<Void> betweenSteps() {
    return Mono.<Void>fromRunnable(this::look).subscribeOn(Schedulers.boundedElastic());
  }

  private synchronized void look() {
    notifyAll();
  }

  private void run() {
    try {
      while (!ended) {
        step();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void step() throws InterruptedException {
    while (stopped) {
      wait();
    }
    long step = field.getLong(0) + 1;
    for (int at = 0; at < field.capacity(); at += Long.BYTES) {
      field.putLong(at, step);
    }
  }

  @Override
  public void close() {
    ended = true;
    thread.interrupt();
  }
}
