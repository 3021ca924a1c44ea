package io.ringkernel.checkpoint.examples.cuda;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The words by which host and kernel agree on how far it runs, {@code wave_gate} of wave3d.cu: in
 * host memory that the device maps. The kernel runs as far as the farthest wish.
 */
final class WaveGate {
  /** Bytes of them. */
  static final int BYTES = 192;

  private static final int TURNS = 0;
  private static final int SIZE = 8;
  private static final int TICKET = 64;
  private static final int UNTIL = 72;
  private static final int SEEN = 128;
  private static final int REACHED = 136;

  private static final VarHandle WORD =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  /** That it runs to a step; known to the kernel once it has seen the ticket. */
  final class Wish {
    private final long until;
    private final long ticket;

    private Wish(long until, long ticket) {
      this.until = until;
      this.ticket = ticket;
    }

    /** The step it is at, if the kernel, knowing of this, is there. */
    OptionalLong reached() {
      return look(this);
    }

    /** It is not wished any more. */
    void drop() {
      remove(this);
    }
  }

  private final ByteBuffer memory;
  private final List<Wish> wishes = new ArrayList<>();
  private boolean shut;

  /**
   * @param memory {@value #BYTES} bytes that the device maps
   * @param turns device address of two words
   * @param size cells on each side
   */
  WaveGate(ByteBuffer memory, long turns, int size) {
    this.memory = memory.order(ByteOrder.nativeOrder());
    for (int at = 0; at < BYTES; at += Long.BYTES) {
      memory.putLong(at, 0);
    }
    memory.putLong(TURNS, turns).putLong(SIZE, size);
  }

  /**
   * Wishes that it runs to a step.
   *
   * @throws IllegalStateException when this is shut
   */
  synchronized Wish wish(long step) {
    if (shut) {
      throw new IllegalStateException("it is closed");
    }
    Wish wish = new Wish(step, (long) WORD.get(memory, TICKET) + 1);
    wishes.add(wish);
    tell();
    WORD.setRelease(memory, TICKET, wish.ticket);
    return wish;
  }

  private synchronized void remove(Wish wish) {
    wishes.remove(wish);
    if (!shut) {
      tell();
    }
  }

  private void tell() {
    long farthest = wishes.stream().mapToLong(wish -> wish.until).max().orElse(0);
    WORD.setRelease(memory, UNTIL, farthest);
  }

  private synchronized OptionalLong look(Wish wish) {
    if (shut || (long) WORD.getAcquire(memory, SEEN) < wish.ticket) {
      return OptionalLong.empty();
    }
    long reached = (long) WORD.getAcquire(memory, REACHED);
    return reached >= wish.until ? OptionalLong.of(reached) : OptionalLong.empty();
  }

  /** From now on the memory is not touched. */
  synchronized void shut() {
    shut = true;
  }
}
