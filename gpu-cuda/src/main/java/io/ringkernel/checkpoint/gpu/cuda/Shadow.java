package io.ringkernel.checkpoint.gpu.cuda;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Room for one copy of a state: device memory for what is on the device, host memory for the rest.
 * Made with the kernel, lent to one capture at a time.
 */
final class Shadow {
  private final long address;
  private final ByteBuffer host;
  private final AtomicBoolean lent = new AtomicBoolean();

  /**
   * @param address of its device memory, which its owner gives back; 0 when it has none
   * @param host its host memory
   */
  Shadow(long address, ByteBuffer host) {
    this.address = address;
    this.host = host;
  }

  long address() {
    return address;
  }

  /** A part of its host memory. */
  ByteBuffer host(int offset, int length) {
    return host.slice(offset, length);
  }

  /** Lends it; false when it is lent already. */
  boolean take() {
    return lent.compareAndSet(false, true);
  }

  /** Ends the loan. */
  void giveBack() {
    lent.set(false);
  }

  boolean isLent() {
    return lent.get();
  }
}
