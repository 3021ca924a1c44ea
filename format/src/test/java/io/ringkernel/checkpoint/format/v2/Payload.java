package io.ringkernel.checkpoint.format.v2;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Changes to an encoded part of a file, for the hooks of {@link FileBuilder}. */
final class Payload {
  private Payload() {}

  /** Changes it in place. */
  static UnaryOperator<ByteBuffer> poke(Consumer<ByteBuffer> change) {
    return payload -> {
      change.accept(payload.order(ByteOrder.LITTLE_ENDIAN));
      return payload;
    };
  }

  /** Adds bytes behind its last. */
  static UnaryOperator<ByteBuffer> append(byte... more) {
    return payload -> {
      ByteBuffer longer = ByteBuffer.allocate(payload.remaining() + more.length);
      return longer.put(payload.duplicate()).put(more).flip().order(ByteOrder.LITTLE_ENDIAN);
    };
  }
}
