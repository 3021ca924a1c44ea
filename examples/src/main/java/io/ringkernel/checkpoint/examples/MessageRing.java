package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.HlcTimestamp;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A queue of fixed-size messages in memory, as host and kernel share one.
 *
 * <pre>
 *  0 u64 taken     messages taken since the start
 *  8 u64 put       messages put since the start; put - taken are in the queue
 * 16 u32 capacity  {@value #CAPACITY}
 * 20 u32 stride    {@value #STRIDE}
 * 24 zero
 * 64 capacity x (u32 kind, u32 0, 24 bytes HLC, 32 bytes of the kind's own)
 * </pre>
 *
 * <p>Message number i is in slot i modulo the capacity.
 */
final class MessageRing {
  static final int CAPACITY = 16;
  private static final int STRIDE = 64;
  private static final int HEADER = 64;
  static final int BYTES = HEADER + CAPACITY * STRIDE;

  private static final int TAKEN = 0;
  private static final int PUT = 8;
  private static final int CAPACITY_AT = 16;
  private static final int STRIDE_AT = 20;

  private final ByteBuffer memory;
  private final int kind;

  /**
   * @param memory {@value #BYTES} bytes, little-endian
   * @param kind of all its messages
   */
  MessageRing(ByteBuffer memory, int kind) {
    this.memory = memory;
    this.kind = kind;
  }

  void format() {
    memory.putInt(CAPACITY_AT, CAPACITY).putInt(STRIDE_AT, STRIDE);
  }

  /** Adds a message unless the queue is full, and says whether it did. */
  boolean offer(HlcTimestamp time, Consumer<ByteBuffer> body) {
    if (put() - taken() == CAPACITY) {
      return false;
    }
    ByteBuffer slot = slot(put());
    slot.putInt(kind).putInt(0);
    Hlc.write(time, slot);
    body.accept(slot);
    memory.putLong(PUT, put() + 1);
    return true;
  }

  /** Adds a message; when the queue is full the oldest makes room, so that nobody has to wait. */
  void push(HlcTimestamp time, Consumer<ByteBuffer> body) {
    if (put() - taken() == CAPACITY) {
      drop();
    }
    offer(time, body);
  }

  /** What the oldest message says; empty when there is none. It stays in the queue. */
  <T> Optional<T> peek(BiFunction<HlcTimestamp, ByteBuffer, T> reader) {
    return put() == taken() ? Optional.empty() : Optional.of(read(taken(), reader));
  }

  /** Takes the oldest message out. */
  void drop() {
    memory.putLong(TAKEN, taken() + 1);
  }

  private <T> T read(long number, BiFunction<HlcTimestamp, ByteBuffer, T> reader) {
    ByteBuffer slot = slot(number);
    slot.position(slot.position() + 8);
    return reader.apply(Hlc.read(slot), slot);
  }

  /**
   * Why this can't be a queue that {@link #offer} and {@link #drop} left; null when it can.
   *
   * @param message says the same of one message's own bytes
   */
  @Nullable String problem(Function<ByteBuffer, @Nullable String> message) {
    if (memory.getInt(CAPACITY_AT) != CAPACITY || memory.getInt(STRIDE_AT) != STRIDE) {
      return "its capacity or stride is another";
    }
    if (taken() < 0 || put() < taken() || put() - taken() > CAPACITY) {
      return "it claims " + taken() + " messages taken of " + put();
    }
    for (long number = taken(); number < put(); number++) {
      if (slot(number).getInt() != kind) {
        return "message " + number + " is of another kind";
      }
      String problem = read(number, (time, body) -> problem(time, body, message));
      if (!problem.isEmpty()) {
        return "message " + number + ": " + problem;
      }
    }
    return null;
  }

  private static String problem(
      HlcTimestamp time, ByteBuffer body, Function<ByteBuffer, @Nullable String> message) {
    String problem = Hlc.isPlausible(time) ? message.apply(body) : "its time is " + time;
    return problem == null ? "" : problem;
  }

  private long taken() {
    return memory.getLong(TAKEN);
  }

  private long put() {
    return memory.getLong(PUT);
  }

  private ByteBuffer slot(long number) {
    int at = HEADER + (int) (number % CAPACITY) * STRIDE;
    return memory.slice(at, STRIDE).order(memory.order());
  }
}
