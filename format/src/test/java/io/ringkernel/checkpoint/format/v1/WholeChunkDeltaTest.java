package io.ringkernel.checkpoint.format.v1;

import static io.ringkernel.checkpoint.format.v1.Bench.PATIENCE;
import static io.ringkernel.checkpoint.format.v1.Bench.STRICT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.WholeChunkDelta;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole-chunk deltas, against those that the reference wrote. */
class WholeChunkDeltaTest {
  private final Bench bench = Bench.with();

  @AfterEach
  void close() {
    bench.close();
  }

  private CheckpointFile open(Golden golden) {
    return bench.open(golden.file(), STRICT);
  }

  private byte[] encodedLike(Checkpoint checkpoint, CheckpointFile like) {
    return bench.encode(
        checkpoint, Bench.version1().createdAtMicros(like.header().createdAtMicros()).build());
  }

  @ParameterizedTest
  @CsvSource({
    "DELTA_1_BASE, DELTA_1_DELTA, DELTA_1_APPLIED",
    "DELTA_2_BASE, DELTA_2_DELTA, DELTA_2_APPLIED"
  })
  void givesByteForByteWhatTheReferenceApplied(Golden base, Golden delta, Golden applied) {
    try (Checkpoint before = open(base).checkpoint(() -> {});
        Checkpoint changes = open(delta).checkpoint(() -> {})) {
      Checkpoint whole = WholeChunkDelta.apply(before, "base", changes).block(PATIENCE);

      assertThat(encodedLike(whole, open(applied))).isEqualTo(applied.file());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "DELTA_1_BASE, DELTA_1_NEW, DELTA_1_DELTA",
    "DELTA_2_BASE, DELTA_2_NEW, DELTA_2_DELTA"
  })
  void writesByteForByteTheDeltaThatTheReferenceWrote(Golden base, Golden next, Golden delta) {
    try (Checkpoint before = open(base).checkpoint(() -> {});
        Checkpoint after = open(next).checkpoint(() -> {})) {
      Checkpoint changes = WholeChunkDelta.between(before, "base", after).block(PATIENCE);

      assertThat(encodedLike(changes, open(delta))).isEqualTo(delta.file());
    }
  }

  @Test
  void refusesAnotherBaseByNameAndDigest() {
    try (Checkpoint before = open(Golden.DELTA_2_BASE).checkpoint(() -> {});
        Checkpoint changes = open(Golden.DELTA_1_DELTA).checkpoint(() -> {})) {
      assertThatThrownBy(
              () -> WholeChunkDelta.apply(before, "sim/step-10", changes).block(PATIENCE))
          .isInstanceOf(BaseMismatchException.class)
          .hasMessageContaining("sim/step-10")
          .hasMessageContaining("65054aaa")
          .hasMessageContaining("cb7a07be");
    }
  }

  private static Checkpoint state(DataChunk... chunks) {
    return Checkpoint.of(
        io.ringkernel.checkpoint.CheckpointMetadata.builder("k", "t").build(),
        List.of(chunks),
        () -> {});
  }

  private static DataChunk custom(long id, int... bytes) {
    byte[] content = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      content[i] = (byte) bytes[i];
    }
    return DataChunk.of(ChunkType.CUSTOM, id, ChunkContent.of(content));
  }

  @Test
  void refusesToTellThatAChunkIsGone() {
    Checkpoint base = state(custom(1, 1), custom(2, 2));

    assertThatThrownBy(
            () -> WholeChunkDelta.between(base, "base", state(custom(1, 1))).block(PATIENCE))
        .isInstanceOf(BaseMismatchException.class)
        .hasMessageContaining("gone");
  }

  @Test
  void aChunkOfOtherFlagsOrSizeDiffers() {
    Checkpoint base = state(custom(1, 1), custom(2, 2), custom(3, 3));
    Checkpoint next = state(custom(1, 1).withFlags(9), custom(2, 2, 0), custom(3, 3));

    Checkpoint delta = WholeChunkDelta.between(base, "base", next).block(PATIENCE);

    assertThat(delta.chunks()).extracting(DataChunk::id).containsExactly(1L, 2L);
  }

  @Test
  void severalChunksOfOneIdentityAreToldApartByTheirOrder() {
    Checkpoint base = state(custom(1, 1), custom(1, 2));
    Checkpoint next = state(custom(1, 9), custom(1, 2));
    Checkpoint delta = WholeChunkDelta.between(base, "base", next).block(PATIENCE);

    Checkpoint applied = WholeChunkDelta.apply(base, "base", delta).block(PATIENCE);

    assertThat(applied.chunks())
        .extracting(chunk -> Bench.bytes(chunk.content()))
        .containsExactly(new byte[] {9}, new byte[] {2});
  }
}
