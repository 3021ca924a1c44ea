package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdeviceptr;
import reactor.core.publisher.Mono;

/**
 * The host's side of the protocol by which a persistent kernel is brought to stand still, has its
 * state taken by its own thread blocks, and runs on: rkcp/handshake.cuh is the other side, and
 * docs/gpu.md has the layout and the ordering rules.
 *
 * <p>It is made before the launch of the kernel, which gets {@link #devicePointer} as a parameter,
 * and closed after the kernel has ended. It is safe for any number of threads. At most one capture
 * or restore uses it at a time; the adapter ensures that.
 */
public final class Handshake implements AutoCloseable {
  /** The phase that a kernel reports. */
  public enum Phase {
    /** It has reported nothing yet. */
    SILENT,
    /** It runs. */
    RUNNING,
    /** It stands still. */
    QUIESCED,
    /** It stands still, and its blocks copy and fingerprint its state. */
    CAPTURING,
    /** It has ended. */
    ENDED
  }

  /** Room for whoever goes on from an answer and blocks while the kernel is asked again. */
  private static final int MOST_WAITING = 4;

  /** Longer than any process lives; twice as long fits into nanoseconds, too. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  /** Wait for the kernel. */
  private final WaitingThreads waiting;

  /** One, which allocates and frees: whoever has that done again waits for an earlier one. */
  private final DriverThreads threads;

  private final HandshakeMemory memory;
  private final Duration timeout;
  private final Failures failures;
  private final ReentrantLock asking = new ReentrantLock(true);

  /** Number of the newest request to capture, which a kernel works off whoever has given up. */
  private volatile long capture;

  private volatile boolean freed;

  private Handshake(
      String kernelId,
      DriverThreads threads,
      HandshakeMemory memory,
      Duration timeout,
      Failures failures) {
    this.waiting = new WaitingThreads("rkcp-cuda-" + kernelId + "-handshake-answers", MOST_WAITING);
    this.threads = threads;
    this.memory = memory;
    this.timeout = timeout;
    this.failures = failures;
  }

  /**
   * Allocates a handshake in the calling thread's current context, which must outlive it. This
   * waits for the driver, which may wait for a kernel that never ends, so don't call it on a thread
   * that must not block. What the driver allocates after the time limit is freed again.
   *
   * @param kernelId the kernel's id; named in every error
   * @param timeout for each answer of the kernel: at least as long as its longest step. The limit
   *     for the driver is twice as long and a second
   * @throws KernelException when the thread has no current context, or the driver refuses; with a
   *     {@link java.util.concurrent.TimeoutException} as its cause when it does not return in time
   */
  public static Handshake allocate(String kernelId, Duration timeout) {
    Failures failures = new Failures(kernelId);
    Duration limit = timeout.compareTo(LONGEST) < 0 ? timeout : LONGEST;
    try {
      // A thread's context it alone can ask for; that waits for nothing.
      CUcontext context = Driver.current();
      if (context == null) {
        throw failures.refused(
            KernelException.Phase.ADAPT,
            "this thread has no current CUDA context; make one current first");
      }
      DriverThreads threads = threads(kernelId, context, DriverThreads.guard(limit));
      return new Handshake(kernelId, threads, allocate(threads), limit, failures);
    } catch (DriverException | StuckDriverException | IllegalStateException e) {
      throw failures.of(KernelException.Phase.ADAPT, "its handshake can't be allocated", e);
    }
  }

  private static DriverThreads threads(String kernelId, CUcontext context, Duration guard) {
    String name = "rkcp-cuda-" + kernelId + "-handshake";
    return new DriverThreads(name, 1, context, guard, new Deadlines(guard));
  }

  private static HandshakeMemory allocate(DriverThreads threads) {
    return threads.make(
        attempt -> {
          attempt.enter();
          return HandshakeMemory.allocate();
        },
        (attempt, unwanted) -> {
          DriverException unused = unwanted.release();
        });
  }

  /** What the kernel gets as a parameter: {@code rkcp_handshake *}. */
  public CUdeviceptr devicePointer() {
    return memory.devicePointer();
  }

  /**
   * Makes a description quiesce and resume its kernel by this handshake, and read the kernel's step
   * from it.
   *
   * @param descriptor to be completed
   */
  public KernelDescriptor.Builder describe(KernelDescriptor.Builder descriptor) {
    return descriptor.quiesce(new Quiesce(this), this::resume).step(this::step);
  }

  /** The hook by which the adapter knows a kernel of this kind. */
  record Quiesce(Handshake handshake) implements Supplier<Mono<Void>> {
    @Override
    public Mono<Void> get() {
      return handshake.quiesce();
    }
  }

  /**
   * Brings the kernel to stand still at its next safe point.
   *
   * @return fails with {@link KernelException} when it does not answer in time; {@link #resume}
   *     lets it run on
   */
  public Mono<Void> quiesce() {
    return told(
        KernelException.Phase.QUIESCE, "it did not come to a stop", HandshakeMemory.QUIESCE);
  }

  /**
   * Lets the kernel run on.
   *
   * @return fails with {@link KernelException} when it does not answer in time
   */
  public Mono<Void> resume() {
    return told(KernelException.Phase.RESUME, "it did not run on", HandshakeMemory.RESUME);
  }

  /**
   * Lets the kernel run on with another state: it reads again the values that it keeps in
   * registers.
   *
   * @return fails with {@link KernelException} when it does not answer in time
   */
  public Mono<Void> reload() {
    return told(
        KernelException.Phase.RESUME, "it did not run on as restored", HandshakeMemory.RELOAD);
  }

  /**
   * Ends the kernel at its next safe point; completes when it is about to end.
   *
   * @return fails with {@link KernelException} when it does not answer in time
   */
  public Mono<Void> stop() {
    return told(KernelException.Phase.QUIESCE, "it did not end", HandshakeMemory.STOP);
  }

  private Mono<Void> told(KernelException.Phase phase, String otherwise, int what) {
    return ask(what, 0, () -> {}).onErrorMap(e -> failures.of(phase, otherwise, e));
  }

  /**
   * Has the kernel's own blocks work a table off while it stands still.
   *
   * @param meanwhile run while they do
   */
  Mono<Void> capture(long table, Runnable meanwhile) {
    return ask(HandshakeMemory.CAPTURE, table, meanwhile);
  }

  /** Whether the kernel's own blocks may work a table off, also one that nobody waits for. */
  boolean isCapturing() {
    return !memory.isAcknowledged(capture) && memory.phase() != Phase.ENDED;
  }

  /** Waits until they don't, on a thread that may. */
  void settle() {
    Waiting.await("an earlier capture by the kernel's own blocks", timeout, () -> !isCapturing());
  }

  /** The step that the kernel last reported. */
  public long step() {
    return memory.step();
  }

  /** How often the kernel has come to stand still. */
  public long epoch() {
    return memory.epoch();
  }

  /** The phase that the kernel last reported. */
  public Phase phase() {
    return memory.phase();
  }

  private Mono<Void> ask(int what, long argument, Runnable meanwhile) {
    return Mono.create(
        sink -> {
          AtomicBoolean wanted = new AtomicBoolean(true);
          sink.onCancel(() -> wanted.set(false));
          waiting.here(
              () -> {
                try {
                  await(what, argument, meanwhile, wanted);
                  sink.success();
                } catch (RuntimeException | Error e) {
                  if (wanted.get()) {
                    sink.error(e);
                  }
                }
              });
        });
  }

  private void await(int what, long argument, Runnable meanwhile, AtomicBoolean wanted) {
    // The kernel takes the newest request only: none is posted before the last one is done with.
    asking.lock();
    try {
      if (wanted.get()) {
        request(what, argument, meanwhile, wanted);
      }
    } finally {
      asking.unlock();
    }
  }

  private void request(int what, long argument, Runnable meanwhile, AtomicBoolean wanted) {
    long request = memory.post(what, argument);
    if (what == HandshakeMemory.CAPTURE) {
      capture = request;
    }
    meanwhile.run();
    long start = System.nanoTime();
    try {
      Waiting.awaitWhileItStands(
          "an answer of the kernel",
          timeout,
          () -> !wanted.get() || memory.isAcknowledged(request) || hasEnded(start));
    } catch (StuckDriverException e) {
      throw new StuckDriverException(e.getMessage() + "; " + this);
    }
    // A kernel that ends acknowledges what it was asked last, but it does not stand still for it.
    boolean mayEnd = what != HandshakeMemory.QUIESCE && what != HandshakeMemory.CAPTURE;
    boolean answered = memory.isAcknowledged(request);
    if (wanted.get() && !(answered && (mayEnd || memory.phase() != Phase.ENDED))) {
      throw new IllegalStateException("the kernel does not answer any more; " + this);
    }
    memory.requireNoError(this::toString);
  }

  /** A kernel that has ended answers nothing; but its last answer may just be on its way. */
  private boolean hasEnded(long start) {
    return memory.phase() == Phase.ENDED && System.nanoTime() - start > 10_000_000;
  }

  /** What the kernel last reported, in words. */
  @Override
  public String toString() {
    return memory.toString();
  }

  /**
   * Frees the memory. Idempotent; a close that failed may be tried again. It waits for the driver
   * as {@link #allocate} does. If that takes too long, or the caller is interrupted, the memory is
   * freed all the same when the driver returns, and a repeated close waits for that.
   *
   * @throws KernelException when the kernel has begun and not ended, because it still reads the
   *     memory (unless its device is lost); also when the driver refuses; with a {@link
   *     java.util.concurrent.TimeoutException} as its cause when it does not return in time
   */
  @Override
  public synchronized void close() {
    if (freed) {
      return;
    }
    try {
      Optional<DriverException> failure =
          threads.await(this::free, (attempt, late) -> endThreads());
      endThreads();
      failure.filter(each -> !each.isDeviceLost()).ifPresent(Handshake::fail);
    } catch (RejectedExecutionException e) {
      // The threads have ended since: an earlier one, which took too long, has just freed it.
    } catch (DriverException | StuckDriverException | IllegalStateException e) {
      throw failures.of(KernelException.Phase.CLOSE, "its handshake can't be freed", e);
    }
  }

  private void endThreads() {
    threads.dispose();
    waiting.dispose();
  }

  /** On the one thread: what could not be freed. */
  private Optional<DriverException> free(DriverThreads.Attempt attempt) {
    if (freed) {
      return Optional.empty();
    }
    attempt.enter();
    requireEnded();
    DriverException failure = memory.release();
    freed = true;
    return Optional.ofNullable(failure);
  }

  private static void fail(DriverException failure) {
    throw failure;
  }

  private void requireEnded() {
    Phase phase = memory.phase();
    if (phase == Phase.SILENT || phase == Phase.ENDED) {
      return;
    }
    try {
      long unused = Driver.freeMemory();
    } catch (DriverException e) {
      if (e.isDeviceLost()) {
        return;
      }
    }
    throw failures.refused(
        KernelException.Phase.CLOSE, "end it before its handshake is closed: " + this);
  }
}
