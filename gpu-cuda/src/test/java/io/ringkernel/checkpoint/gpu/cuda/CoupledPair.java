package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/**
 * Two kernels that never rest, where the second never does a step that the first has not done: at
 * one cut the second is at the first's step or one behind. A thread drives both.
 */
final class CoupledPair implements AutoCloseable {
  /** One of the two: whether it is held, and how far it is. */
  static final class Half {
    private final Object lock;
    private final LongConsumer work;
    private boolean held;
    private long steps;

    private Half(Object lock, LongConsumer work) {
      this.lock = lock;
      this.work = work;
    }

    /** Does no more from now on; what it has launched may still run. */
    Mono<Void> hold() {
      return Mono.fromRunnable(
          () -> {
            synchronized (lock) {
              held = true;
            }
          });
    }

    Mono<Void> letGo() {
      return Mono.fromRunnable(
          () -> {
            synchronized (lock) {
              held = false;
            }
          });
    }

    long steps() {
      synchronized (lock) {
        return steps;
      }
    }

    private void step() {
      if (!held) {
        work.accept(steps + 1);
        steps++;
      }
    }

    /** Described but for its memory. */
    KernelDescriptor.Builder describe(String kernelId, Supplier<Mono<Void>> quiesce) {
      return KernelDescriptor.builder(kernelId, "coupled")
          .step(this::steps)
          .quiesce(quiesce, this::letGo);
    }
  }

  final Half first;
  final Half second;
  QuiescableKernel firstKernel;
  QuiescableKernel secondKernel;
  private final Object lock = new Object();
  private final Thread thread = new Thread(this::run, "coupled-pair");
  private volatile boolean closing;

  /**
   * @param first does a step of the one
   * @param second does a step of the other
   */
  CoupledPair(LongConsumer first, LongConsumer second) {
    this.first = new Half(lock, first);
    this.second = new Half(lock, second);
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!closing) {
      synchronized (lock) {
        if (first.steps == second.steps) {
          first.step();
        }
      }
      synchronized (lock) {
        if (second.steps < first.steps) {
          second.step();
        }
      }
      // Whoever wants to hold one gets at the lock.
      LockSupport.parkNanos(1);
    }
  }

  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
