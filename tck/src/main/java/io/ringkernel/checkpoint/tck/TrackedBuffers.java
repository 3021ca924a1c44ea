package io.ringkernel.checkpoint.tck;

import io.ringkernel.checkpoint.OwnedBuffer;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;

/**
 * A source of owned buffers that counts those that nobody closed.
 *
 * <p>A closed buffer is overwritten, as a pool's next user would do: code that still reads it gets
 * garbage and fails the test.
 */
public final class TrackedBuffers {
  private static final byte GARBAGE = (byte) 0xDD;

  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong made = new AtomicLong();

  /** For one test. */
  public TrackedBuffers() {}

  /** The number of buffers that were made and are not closed. */
  public int open() {
    return open.get();
  }

  /** The number of buffers that were made. */
  public long made() {
    return made.get();
  }

  /**
   * A buffer that is counted until it is closed.
   *
   * @param memory from position to limit; overwritten when closed, unless it is read-only
   */
  public OwnedBuffer track(ByteBuffer memory) {
    open.incrementAndGet();
    made.incrementAndGet();
    ByteBuffer whole = memory.duplicate();
    return OwnedBuffer.of(
        memory,
        () -> {
          while (!whole.isReadOnly() && whole.hasRemaining()) {
            whole.put(GARBAGE);
          }
          open.decrementAndGet();
        });
  }

  /**
   * Copies of some bytes, piece after piece, made as they are demanded, alternately in heap and
   * direct memory; any number of times.
   *
   * @param bytes what to emit
   * @param pieceSize bytes in every piece but the last
   */
  public Flux<OwnedBuffer> pieces(byte[] bytes, int pieceSize) {
    return Flux.<OwnedBuffer, Integer>generate(
            () -> 0,
            (from, sink) -> {
              if (from >= bytes.length) {
                sink.complete();
                return from;
              }
              int length = Math.min(pieceSize, bytes.length - from);
              boolean direct = (from / pieceSize) % 2 == 1;
              ByteBuffer memory =
                  direct ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
              sink.next(track(memory.put(bytes, from, length).flip()));
              return from + length;
            })
        .doOnDiscard(OwnedBuffer.class, OwnedBuffer::close);
  }
}
