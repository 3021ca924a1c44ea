package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
  private final BufferPool pool = new BufferPool(1_000, 2_500);

  @Test
  void givesEmptyBuffersOfItsSize() {
    ByteBuffer buffer = pool.acquire().buffer();

    assertThat(buffer.position()).isZero();
    assertThat(buffer.limit()).isEqualTo(1_000);
    assertThat(buffer.capacity()).isEqualTo(1_000);
    assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
    assertThat(pool.bufferSize()).isEqualTo(1_000);
  }

  @Test
  void fallsBackToHeapMemoryPastItsBound() {
    assertThat(pool.acquire().buffer().isDirect()).isTrue();
    assertThat(pool.acquire().buffer().isDirect()).isTrue();
    OwnedBuffer third = pool.acquire();
    assertThat(third.buffer().isDirect()).isFalse();
    assertThat(third.buffer().remaining()).isEqualTo(1_000);

    third.close();
    assertThat(pool.acquire().buffer().isDirect()).as("heap memory is not kept").isFalse();
  }

  @Test
  void letsGoOfItsMemoryWhenItIsClosed() {
    OwnedBuffer lent = pool.acquire();
    pool.acquire().close();
    assertThat(pool.idle()).isEqualTo(1);

    pool.close();
    assertThat(pool.idle()).isZero();
    assertThat(lent.buffer().putInt(0, 7).getInt(0)).as("it is still its owner's").isEqualTo(7);
    lent.close();
    pool.close();

    assertThat(pool.idle()).as("it came back too late").isZero();
    assertThat(pool.open()).isZero();
    try (OwnedBuffer late = pool.acquire()) {
      assertThat(late.buffer().isDirect()).isFalse();
    }
    assertThat(pool.idle()).isZero();
  }

  @Test
  void reusesADirectBufferOnceItIsClosed() {
    OwnedBuffer first = pool.acquire();
    first.buffer().order(ByteOrder.LITTLE_ENDIAN).putLong(0, 0x1122334455667788L).limit(7);
    OwnedBuffer second = pool.acquire();
    first.close();

    OwnedBuffer again = pool.acquire();

    assertThat(again.buffer().isDirect()).isTrue();
    assertThat(again.buffer().limit()).as("whatever the owner before left").isEqualTo(1_000);
    assertThat(again.buffer().order()).isEqualTo(ByteOrder.BIG_ENDIAN);
    assertThat(again.buffer().get(0)).as("the same memory").isEqualTo((byte) 0x88);
    assertThat(second.buffer().get(0)).isZero();
  }

  @Test
  void aBufferClosedTwiceIsGivenToOneOwnerOnly() {
    OwnedBuffer first = pool.acquire();
    first.close();
    first.close();

    OwnedBuffer a = pool.acquire();
    OwnedBuffer b = pool.acquire();
    a.buffer().put(0, (byte) 1);
    b.buffer().put(0, (byte) 2);

    assertThat(a.buffer().get(0)).isEqualTo((byte) 1);
  }

  @Test
  void countsWhatIsOpenDirectOrNot() {
    Deque<OwnedBuffer> held = new ArrayDeque<>();
    for (int i = 1; i <= 5; i++) {
      held.add(pool.acquire());
      assertThat(pool.open()).isEqualTo(i);
    }
    while (!held.isEmpty()) {
      OwnedBuffer owned = held.remove();
      owned.close();
      owned.close();
      assertThat(pool.open()).isEqualTo(held.size());
    }
  }

  @Test
  void withoutRoomForOneEverythingIsHeapMemory() {
    assertThat(new BufferPool(1_000, 999).acquire().buffer().isDirect()).isFalse();
    assertThat(new BufferPool(1_000, 0).acquire().buffer().isDirect()).isFalse();
    assertThat(new BufferPool(1, Long.MAX_VALUE).acquire().buffer().isDirect()).isTrue();
  }

  @Test
  void refusesImpossibleSizes() {
    assertThatThrownBy(() -> new BufferPool(0, 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not 0 and 10");
    assertThatThrownBy(() -> new BufferPool(10, -1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keepsOwnersApartAndItsBoundUnderConcurrency() throws Exception {
    BufferPool shared = new BufferPool(64, 64 * 3);
    AtomicInteger direct = new AtomicInteger();
    AtomicInteger mostDirect = new AtomicInteger();

    Racing.results(
        8,
        () -> {
          Random random = ThreadLocalRandom.current();
          for (int i = 0; i < 5_000; i++) {
            try (OwnedBuffer owned = shared.acquire()) {
              ByteBuffer buffer = owned.buffer();
              if (buffer.isDirect()) {
                mostDirect.accumulateAndGet(direct.incrementAndGet(), Math::max);
              }
              long mark = random.nextLong();
              buffer.putLong(0, mark).putLong(56, mark);
              Thread.onSpinWait();
              assertThat(buffer.getLong(0)).isEqualTo(mark);
              assertThat(buffer.getLong(56)).isEqualTo(mark);
              if (buffer.isDirect()) {
                direct.decrementAndGet();
              }
            }
          }
          return true;
        });

    assertThat(shared.open()).isZero();
    assertThat(mostDirect).hasValueBetween(1, 3);
  }
}
