package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcClock;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A kernel that never rests: each step stamps every word of its memory with the step's number, and
 * then writes that number into its neighbour's inbox. So a state that is a mixture of two moments
 * shows in its words, and a cut that is one shows in the inbox.
 */
final class StampingKernel implements AutoCloseable {
  static final int WORDS = 60_000;

  final AtomicReference<UnaryOperator<Mono<Void>>> quiesceWay =
      new AtomicReference<>(UnaryOperator.identity());
  final AtomicReference<UnaryOperator<Mono<Void>>> resumeWay =
      new AtomicReference<>(UnaryOperator.identity());
  final AtomicInteger stops = new AtomicInteger();
  final HlcClock clock = new HlcClock(7);
  private final String id;
  private final ByteBuffer control = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
  private final ByteBuffer memory =
      ByteBuffer.allocateDirect(WORDS * Long.BYTES).order(ByteOrder.nativeOrder());
  private final LongBuffer words = memory.asLongBuffer();
  private final AtomicReference<Sinks.Empty<Void>> pause = new AtomicReference<>();
  private final QuiescableKernel kernel;
  private final Thread thread;
  private volatile StampingKernel neighbour;
  private volatile boolean closing;

  StampingKernel(String id, String... options) {
    this.id = id;
    KernelDescriptor.Builder descriptor =
        KernelDescriptor.builder(id, "stamps")
            .controlBlock(new KernelMemory.Host(control))
            .region("words", new KernelMemory.Host(memory))
            .step(() -> control.getLong(0))
            .hlc(clock::tick)
            .cut(clock::merge)
            .quiesce(
                () -> quiesceWay.get().apply(stop()),
                () -> resumeWay.get().apply(Mono.fromRunnable(this::go)));
    for (String option : options) {
      descriptor.option(
          option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
    }
    this.kernel = KernelAdapters.named("host").adapt(descriptor.build());
    this.thread = new Thread(this::run, "stamping-" + id);
    thread.setDaemon(true);
  }

  /** Two that write into each other's inbox. */
  static void pair(StampingKernel one, StampingKernel other) {
    one.neighbour = other;
    other.neighbour = one;
    one.thread.start();
    other.thread.start();
  }

  StampingKernel start() {
    thread.start();
    return this;
  }

  QuiescableKernel kernel() {
    return kernel;
  }

  private Mono<Void> stop() {
    return Mono.defer(
        () -> {
          stops.incrementAndGet();
          Sinks.Empty<Void> stands = Sinks.empty();
          pause.set(stands);
          LockSupport.unpark(thread);
          return stands.asMono();
        });
  }

  private void go() {
    pause.set(null);
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closing) {
      Sinks.Empty<Void> stands = pause.get();
      if (stands == null) {
        step();
        continue;
      }
      stands.tryEmitEmpty();
      while (pause.get() == stands && !closing) {
        LockSupport.park(this);
      }
    }
  }

  private void step() {
    long step = control.getLong(0) + 1;
    for (int i = 0; i < WORDS; i++) {
      words.put(i, step);
    }
    control.putLong(0, step);
    StampingKernel receiver = neighbour;
    if (receiver != null) {
      receiver.control.putLong(8, step);
    }
  }

  /** Whether it is on its way, and gets on. */
  boolean runs() {
    long before = control.getLong(0);
    long end = System.nanoTime() + TestStates.LONG.toNanos();
    while (System.nanoTime() < end) {
      if (pause.get() == null && control.getLong(0) != before) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  /** The step that all of a checkpoint's words are of, which must be one. */
  static long stepOf(Checkpoint checkpoint) {
    LongBuffer stamped =
        TestStates.bytes(checkpoint.region("words").orElseThrow())
            .order(ByteOrder.nativeOrder())
            .asLongBuffer();
    long first = stamped.get(0);
    for (int i = 0; i < WORDS; i++) {
      assertThat(stamped.get(i)).isEqualTo(first);
    }
    assertThat(control(checkpoint).getLong(0)).isEqualTo(first);
    assertThat(checkpoint.metadata().step()).isEqualTo(first);
    return first;
  }

  /** The last step that its neighbour had told it. */
  static long inboxOf(Checkpoint checkpoint) {
    return control(checkpoint).getLong(8);
  }

  private static ByteBuffer control(Checkpoint checkpoint) {
    return TestStates.bytes(checkpoint.chunks().get(0)).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return id;
  }
}
