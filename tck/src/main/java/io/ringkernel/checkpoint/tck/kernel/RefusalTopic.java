package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A checkpoint that does not fit is refused by the name of what is wrong, and nothing changes. */
abstract class RefusalTopic extends KernelTopic {
  private CheckpointMetadata metadata = CheckpointMetadata.builder("", "").build();
  private List<StatePart> earlier = List.of();
  private List<StatePart> present = List.of();

  RefusalTopic(KernelContract contract) {
    super(contract);
  }

  @BeforeEach
  void advanceFromWhatWillBeRefused() {
    metadata = subject().metadata();
    earlier = subject().state();
    subject().advance();
    present = subject().state();
  }

  private void assertRefused(CheckpointMetadata of, List<StatePart> parts, String reason) {
    try (Checkpoint checkpoint = checkpoints.of(of, parts)) {
      Throwable failure = failureOf(kernel().restoreFromCheckpoint(checkpoint));
      assertFailed(failure, Phase.RESTORE);
      assertThat(failure).hasMessageContaining(kernel().kernelId()).hasMessageContaining(reason);
    }
    assertSame(subject().state(), present);
  }

  @Test
  void refusesAnotherType() {
    assertRefused(metadata.toBuilder().kernelType("another").build(), earlier, "another");
  }

  @Test
  void refusesAChunkThatIsTooShortOrTooLong() {
    for (int i = 0; i < earlier.size(); i++) {
      StatePart part = earlier.get(i);
      int size = part.bytes().length;
      assertRefused(metadata, replaced(i, resized(part, size + 1)), part.label());
      if (size > 0) {
        assertRefused(metadata, replaced(i, resized(part, size - 1)), part.label());
      }
    }
  }

  private static StatePart resized(StatePart part, int size) {
    return part.with(Arrays.copyOf(part.bytes(), size));
  }

  private List<StatePart> replaced(int index, StatePart part) {
    List<StatePart> parts = new ArrayList<>(earlier);
    parts.set(index, part);
    return parts;
  }

  @Test
  void refusesWhenAChunkIsMissing() {
    for (int i = 0; i < earlier.size(); i++) {
      List<StatePart> parts = new ArrayList<>(earlier);
      parts.remove(i);
      assertRefused(metadata, parts, earlier.get(i).label());
    }
  }

  @Test
  void refusesAChunkItHasNoPlaceFor() {
    long id = DataChunk.regionId("nowhere");
    assertRefused(
        metadata,
        added(new StatePart(ChunkType.DEVICE_MEMORY, id, "nowhere", new byte[8])),
        "nowhere");
    assertRefused(
        metadata, added(new StatePart(new ChunkType(4711), 0, null, new byte[0])), "4711");
  }

  @Test
  void refusesAChunkThatIsThereTwice() {
    for (StatePart part : earlier) {
      assertRefused(metadata, added(part), part.label());
    }
  }

  private List<StatePart> added(StatePart part) {
    return Stream.concat(earlier.stream(), Stream.of(part)).toList();
  }

  @Test
  void takesOverWhatFitsAfterIt() {
    assertRefused(metadata, earlier.subList(1, earlier.size()), earlier.get(0).label());
    try (Checkpoint checkpoint = checkpoints.of(metadata, earlier)) {
      await(kernel().restoreFromCheckpoint(checkpoint));
    }
    assertSame(subject().state(), earlier);
  }
}
