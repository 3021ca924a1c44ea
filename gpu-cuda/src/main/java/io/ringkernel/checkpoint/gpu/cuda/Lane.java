package io.ringkernel.checkpoint.gpu.cuda;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;

/**
 * A buffer of pinned memory with a stream and an event of its own: one copy between host and device
 * at a time. Used by one driver thread at a time, for whoever took it from its {@link Ring}.
 */
final class Lane {
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

  /** Fills the first bytes of the buffer from the device. */
  void copyOut(long from, int length) {
    begun = true;
    Driver.copyOut(memory, from, length, stream);
    await("a copy from the device");
  }

  /** Hands the buffer's first bytes on, in order. */
  void scatter(List<ByteBuffer> targets) {
    int at = 0;
    for (ByteBuffer target : targets) {
      int length = target.remaining();
      target.put(memory.buffer().slice(at, length));
      at += length;
    }
  }

  /** Writes the first bytes of the buffer to the device. */
  void copyIn(long to, int length) {
    begun = true;
    Driver.copyIn(to, memory, length, stream);
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
