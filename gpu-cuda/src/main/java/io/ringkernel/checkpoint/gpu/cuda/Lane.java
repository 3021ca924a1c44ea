package io.ringkernel.checkpoint.gpu.cuda;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import jcuda.driver.CUevent;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import org.jspecify.annotations.Nullable;

/**
 * A buffer of pinned memory with a stream and an event of its own: one copy between host and device
 * at a time. Used by one driver thread at a time, for whoever took it from its {@link Ring}.
 *
 * <p>What the caller has pinned in one piece is copied straight, without the buffer: a copy within
 * the host's memory is what bounds a transfer to and from other memory.
 */
final class Lane {
  /** The caller's memory, while it is used for a copy. Whoever waits for that may have given up. */
  interface Loan {
    /**
     * Before the host writes to it, which it has soon done: from now on nobody gives up.
     *
     * @return false when somebody has; then it must not be touched
     */
    boolean claim();

    /**
     * Before the driver is told to use it. Whoever gives up from now on is told that it is lost.
     *
     * @return false when somebody has given up; then it must not be touched
     */
    boolean lend();

    /** Once the driver does not use it any more, but something else is still to be done. */
    void takeBack();
  }

  /** For memory that is nobody else's. */
  static final Loan OURS =
      new Loan() {
        @Override
        public boolean claim() {
          return true;
        }

        @Override
        public boolean lend() {
          return true;
        }

        @Override
        public void takeBack() {}
      };

  /** What the driver may still use: kept from the garbage collector, for ever. */
  private static final Queue<ByteBuffer> LOST = new ConcurrentLinkedQueue<>();

  /** Shorter pieces are not worth the questions whether they are pinned. */
  private static final int STRAIGHT = 64 << 10;

  private final PinnedMemory memory;
  private final CUstream stream;
  private final CUevent event;
  private final Duration timeout;
  private List<ByteBuffer> lent = List.of();
  private boolean begun;

  /**
   * @param size bytes of its buffer
   * @param timeout for one copy
   * @param owner what gives the native objects back
   */
  Lane(int size, Duration timeout, NativeStack owner) {
    this.timeout = timeout;
    memory = PinnedMemory.allocate(size);
    owner.own(memory::free);
    stream = Driver.createStream();
    owner.own(() -> Driver.destroy(stream));
    event = Driver.createEvent();
    owner.own(() -> Driver.destroy(event));
  }

  /** The first bytes of the buffer. */
  ByteBuffer window(int length) {
    return memory.buffer().slice(0, length).order(memory.buffer().order());
  }

  /**
   * Copies from the device.
   *
   * @param from device address
   * @param targets filled in order, each from its position to its limit; together no larger than
   *     the buffer
   * @param loan of the targets, asked before they are touched
   */
  void copyOut(long from, List<ByteBuffer> targets, Loan loan) {
    if (targets.stream().allMatch(Lane::mayGoStraight)
        && (!loan.lend() || isStraight(targets, loan, () -> fill(targets, from)))) {
      return;
    }
    ByteBuffer buffer = window(targets.stream().mapToInt(ByteBuffer::remaining).sum());
    fill(List.of(buffer), from);
    if (loan.claim()) {
      int at = 0;
      for (ByteBuffer target : targets) {
        int length = target.remaining();
        target.put(buffer.slice(at, length));
        at += length;
      }
    }
  }

  private static boolean mayGoStraight(ByteBuffer memory) {
    return memory.remaining() >= STRAIGHT && PinnedMemory.hasEndsOf(memory);
  }

  /**
   * Copies straight, unless the driver refuses the memory: what is pinned in part, or in several
   * pieces, it does not take at once, and only it knows.
   *
   * @return whether it is copied; else nothing is under way any more
   */
  private boolean isStraight(List<ByteBuffer> memory, Loan loan, Runnable copy) {
    lent = memory;
    try {
      copy.run();
      lent = List.of();
      return true;
    } catch (DriverException e) {
      if (e.code() != CUresult.CUDA_ERROR_INVALID_VALUE) {
        throw e;
      }
      // Others of the same turn were taken, perhaps.
      await("a copy of what is pinned");
      lent = List.of();
      loan.takeBack();
      return false;
    }
  }

  private void fill(List<ByteBuffer> targets, long from) {
    begun = true;
    long at = from;
    for (ByteBuffer target : targets) {
      Driver.copyOut(target, at, stream);
      at += target.remaining();
    }
    await("a copy from the device");
  }

  /**
   * Copies to the device.
   *
   * @param bytes no more than the buffer holds; read, their position stays
   * @param to device address
   * @param loan of the bytes, asked before they are looked at
   */
  void copyIn(ByteBuffer bytes, long to, Loan loan) {
    if (!loan.lend()
        || (mayGoStraight(bytes) && isStraight(List.of(bytes), loan, () -> send(bytes, to)))
        // Refused, they were given back: whoever lent them may have given up since.
        || !loan.lend()) {
      return;
    }
    ByteBuffer buffer = window(bytes.remaining()).put(bytes.duplicate()).flip();
    loan.takeBack();
    send(buffer, to);
  }

  private void send(ByteBuffer bytes, long to) {
    begun = true;
    Driver.copyIn(to, bytes, stream);
    await("a copy to the device");
  }

  private void await(String what) {
    Driver.record(event, stream);
    Waiting.await(what, timeout, () -> Driver.isDone(event));
    begun = false;
  }

  /**
   * After a copy that failed: waits until nothing writes to the buffer or what was lent, or reads
   * from it, any more.
   *
   * @return why the lane may not be used again, and what was lent is lost; null when it may
   */
  @Nullable RuntimeException settle() {
    try {
      if (begun) {
        Waiting.await("what a failed copy left", timeout, () -> Driver.isDone(stream));
        begun = false;
      }
      lent = List.of();
      return null;
    } catch (DriverException | StuckDriverException e) {
      LOST.addAll(lent);
      return e;
    }
  }
}
