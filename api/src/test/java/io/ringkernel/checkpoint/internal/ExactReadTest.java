package io.ringkernel.checkpoint.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.ChunkContent;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** A read gives all, or fails. */
class ExactReadTest {
  private static final byte[] BYTES = {1, 2, 3, 4, 5};

  @Test
  void fillsTheBufferAndPointsAtWhatWasRead() {
    ByteBuffer target = ByteBuffer.allocate(6).position(1).limit(4);

    ByteBuffer read = ExactRead.of(ChunkContent.of(BYTES), 2, target).blockOptional().orElseThrow();

    assertThat(read).isSameAs(target).isEqualTo(ByteBuffer.wrap(BYTES, 2, 3));
    assertThat(read.position()).isEqualTo(1);
  }

  @Test
  void failsWhereThereIsLess() {
    assertThatThrownBy(
            () -> ExactRead.of(ChunkContent.of(BYTES), 2, ByteBuffer.allocate(4)).block())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a content of 5 bytes gave 3 at offset 2 where 4 were asked for");
  }

  @Test
  void failsWhereAContentSaysNothing() {
    ChunkContent silent =
        new ChunkContent() {
          @Override
          public long size() {
            return 9;
          }

          @Override
          public Mono<Integer> read(long offset, ByteBuffer target) {
            return Mono.empty();
          }
        };

    assertThatThrownBy(() -> ExactRead.of(silent, 0, ByteBuffer.allocate(9)).block())
        .hasMessageContaining("gave 0 at offset 0 where 9 were asked for");
  }
}
