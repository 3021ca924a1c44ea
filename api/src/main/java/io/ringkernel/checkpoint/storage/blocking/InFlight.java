package io.ringkernel.checkpoint.storage.blocking;

/**
 * How many buffers to ask a source for: enough for large writes, and few enough to bound the memory
 * that waits, whatever the size of the buffers.
 */
final class InFlight {
  private static final long BYTES = 8 << 20;
  private static final long LEAST = 4;
  private static final long MOST = 256;
  private static final long FIRST = 8;

  private long outstanding;
  private long buffers;
  private long bytes;

  /** What to ask for now; 0 while enough is on its way. */
  long request() {
    long wanted = buffers == 0 ? FIRST : BYTES / Math.max(1, bytes / buffers);
    long allowed = Math.max(LEAST, Math.min(wanted, MOST)) - outstanding;
    long asked = Math.max(0, allowed);
    outstanding += asked;
    return asked;
  }

  /** A buffer was written. */
  void written(long length) {
    outstanding--;
    buffers++;
    bytes += length;
  }
}
