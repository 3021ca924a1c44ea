package io.ringkernel.checkpoint.gpu.cuda;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import jcuda.driver.CUevent;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;

/**
 * A buffer of pinned memory with a stream and an event of its own: one copy between host and device
 * at a time. Used by one driver thread at a time, for whoever took it from its {@link Ring}.
 *
 * <p>What the caller has pinned in one piece is copied straight, without the buffer: a copy within
 * the host's memory is what bounds a transfer to and from other memory.
 */
final class Lane {
  /** Shorter pieces are not worth the questions whether they are pinned. */
  private static final int STRAIGHT = 64 << 10;

  private final Driver.Pinned memory;
  private final CUstream stream;
  private final CUevent event;
  private final Duration timeout;
  private boolean begun;

  /**
   * @param size bytes of its buffer
   * @param timeout for one copy
   * @param owner what gives the native objects back
   */
  Lane(int size, Duration timeout, NativeStack owner) {
    this.timeout = timeout;
    memory = Driver.allocatePinned(size);
    owner.own(() -> Driver.freePinned(memory));
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
   * @param wanted asked before the targets are touched; false leaves them alone
   */
  void copyOut(long from, List<ByteBuffer> targets, BooleanSupplier wanted) {
    if (targets.stream().allMatch(Lane::mayGoStraight)
        && (!wanted.getAsBoolean() || isStraight(() -> fill(targets, from)))) {
      return;
    }
    ByteBuffer buffer = window(targets.stream().mapToInt(ByteBuffer::remaining).sum());
    fill(List.of(buffer), from);
    if (wanted.getAsBoolean()) {
      int at = 0;
      for (ByteBuffer target : targets) {
        int length = target.remaining();
        target.put(buffer.slice(at, length));
        at += length;
      }
    }
  }

  private static boolean mayGoStraight(ByteBuffer memory) {
    return memory.remaining() >= STRAIGHT && Driver.hasPinnedEnds(memory);
  }

  /**
   * Copies straight, unless the driver refuses the memory: what is pinned in part, or in several
   * pieces, it does not take at once, and only it knows.
   *
   * @return whether it is copied; else nothing is under way any more
   */
  private boolean isStraight(Runnable copy) {
    try {
      copy.run();
      return true;
    } catch (DriverException e) {
      if (e.code() != CUresult.CUDA_ERROR_INVALID_VALUE) {
        throw e;
      }
      // Others of the same turn were taken, perhaps.
      await("a copy of what is pinned");
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
   */
  void copyIn(ByteBuffer bytes, long to) {
    if (!mayGoStraight(bytes) || !isStraight(() -> send(bytes, to))) {
      send(window(bytes.remaining()).put(bytes.duplicate()).flip(), to);
    }
  }

  /** Copies the first bytes of the buffer to the device. */
  void copyIn(int length, long to) {
    send(window(length), to);
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
   * After a copy that failed: waits until nothing writes to the buffer or reads from it any more.
   *
   * @return whether it may be used again
   */
  boolean settle() {
    if (!begun) {
      return true;
    }
    try {
      Waiting.await("what a failed copy left", timeout, () -> Driver.isDone(stream));
      begun = false;
      return true;
    } catch (DriverException | StuckDriverException e) {
      return false;
    }
  }
}
