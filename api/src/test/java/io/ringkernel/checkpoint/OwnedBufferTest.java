package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OwnedBufferTest {
  private final AtomicInteger releases = new AtomicInteger();
  private final ByteBuffer memory = ByteBuffer.allocate(8);

  @Test
  void givesTheBufferItWasMadeOf() {
    try (OwnedBuffer owned = OwnedBuffer.of(memory, releases::incrementAndGet)) {
      assertThat(owned.buffer()).isSameAs(memory);
      assertThat(releases).hasValue(0);
    }
  }

  @Test
  void releasesOnceHoweverOftenItIsClosed() {
    OwnedBuffer owned = OwnedBuffer.of(memory, releases::incrementAndGet);

    owned.close();
    owned.close();

    assertThat(releases).hasValue(1);
  }

  @Test
  void releasesOnceWhenManyCloseAtTheSameMoment() throws Exception {
    for (int round = 0; round < 200; round++) {
      releases.set(0);
      OwnedBuffer owned = OwnedBuffer.of(memory, releases::incrementAndGet);
      Racing.results(
          4,
          () -> {
            owned.close();
            return true;
          });
      assertThat(releases).hasValue(1);
    }
  }

  @Test
  void refusesToBeUsedAfterClose() {
    OwnedBuffer pooled = OwnedBuffer.of(memory, releases::incrementAndGet);
    OwnedBuffer unpooled = OwnedBuffer.unpooled(memory);
    pooled.close();
    unpooled.close();

    assertThatThrownBy(pooled::buffer)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(unpooled::buffer).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void unpooledMemoryCanBeClosedTwiceToo() {
    OwnedBuffer unpooled = OwnedBuffer.unpooled(memory);

    assertThat(unpooled.buffer()).isSameAs(memory);
    unpooled.close();
    unpooled.close();
  }
}
