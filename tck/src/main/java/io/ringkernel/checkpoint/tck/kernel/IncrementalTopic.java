package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.ChangedBlocks;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

/**
 * A capture against a base shows the whole present state: by its own bytes, or, where it says that
 * a block did not change, by the base's.
 */
abstract class IncrementalTopic extends KernelTopic {
  private static final int BLOCK = 1 << 16;

  IncrementalTopic(KernelContract contract) {
    super(contract);
  }

  @Test
  void isWhatTheKernelDeclares() {
    assertThat(kernel().supportsIncremental()).isEqualTo(can(KernelCapability.INCREMENTAL));
  }

  @ParameterizedTest
  @CsvSource({"65536, XXH3_128", "65536, SHA_256", "4096, XXH3_128", "1048576, XXH3_128"})
  void showsAllOfAStateThatChangedHereAndThere(int blockSize, FingerprintAlgorithm algorithm) {
    List<StatePart> before = subject().state();
    try (Checkpoint base = baseOf(before, blockSize, algorithm)) {
      boolean comparable = algorithm == FingerprintAlgorithm.XXH3_128;
      assertShows(before, base, comparable);
      subject().overwrite(changedHereAndThere(before, blockSize));
      assertShows(before, base, comparable);
    }
    subject().overwrite(bytesOf(before));
  }

  @Test
  void showsAllOfAStateThatTheKernelChanged() {
    List<StatePart> before = subject().state();
    try (Checkpoint base = baseOf(before, BLOCK, FingerprintAlgorithm.XXH3_128)) {
      subject().advance();
      assertShows(before, base, true);
    }
  }

  @Test
  void showsAllOfAPartThatTheBaseDoesNotHave() {
    List<StatePart> before = subject().state();
    CheckpointMetadata metadata = subject().metadata();
    int lacking = largest(before);
    List<StatePart> others = new ArrayList<>(before);
    others.remove(lacking);
    try (Checkpoint base = checkpoints.of(metadata, others);
        Checkpoint taken = incremental(base)) {
      DataChunk chunk = taken.chunks().get(lacking);
      assertThat(chunk.changedBlocks()).isEmpty();
      byte[] shown = new byte[(int) chunk.size()];
      read(chunk, 0, shown, shown.length);
      assertThat(shown).isEqualTo(before.get(lacking).bytes());
    }
  }

  @Test
  void leavesTheBaseToItsOwner() {
    AtomicBoolean closed = new AtomicBoolean();
    Checkpoint base =
        Checkpoint.of(
            subject().metadata(),
            chunks(subject().state(), BLOCK, FingerprintAlgorithm.XXH3_128),
            () -> closed.set(true));
    incremental(base).close();
    assertThat(closed).isFalse();
  }

  private Checkpoint incremental(Checkpoint base) {
    return await(kernel().createIncrementalCheckpoint(base), Checkpoint.class);
  }

  /** What a store gives as a base: fingerprints, and bytes that nobody should need. */
  private Checkpoint baseOf(List<StatePart> state, int blockSize, FingerprintAlgorithm algorithm) {
    return Checkpoint.of(subject().metadata(), chunks(state, blockSize, algorithm), () -> {});
  }

  private List<DataChunk> chunks(
      List<StatePart> state, int blockSize, FingerprintAlgorithm algorithm) {
    List<DataChunk> chunks = new ArrayList<>();
    for (StatePart part : state) {
      chunks.add(
          part.chunk(ChunkContent.of(part.bytes()))
              .withFingerprints(
                  Mono.fromSupplier(() -> Fingerprints.of(part.bytes(), blockSize, algorithm))));
    }
    return chunks;
  }

  /** One byte in the first, a middle and the last block of each part. */
  private static List<byte[]> changedHereAndThere(List<StatePart> state, int blockSize) {
    List<byte[]> changed = new ArrayList<>();
    for (StatePart part : state) {
      byte[] bytes = part.bytes().clone();
      if (bytes.length > 0) {
        bytes[0] ^= 1;
        bytes[Math.min(bytes.length - 1, blockSize * 2 + 5)] ^= 2;
        bytes[bytes.length - 1] ^= 4;
      }
      changed.add(bytes);
    }
    return changed;
  }

  /**
   * @param comparable whether the base's fingerprints are of the default algorithm: a kernel need
   *     not be able to compare with others, and then takes everything
   */
  private void assertShows(List<StatePart> before, Checkpoint base, boolean comparable) {
    List<StatePart> present = subject().state();
    try (Checkpoint taken = incremental(base)) {
      assertThat(taken.chunks()).hasSameSizeAs(present);
      for (int i = 0; i < present.size(); i++) {
        DataChunk chunk = taken.chunks().get(i);
        assertThat(chunk.size()).isEqualTo(present.get(i).bytes().length);
        Fingerprints.assertRight(chunk, present.get(i));
        byte[] shown = shown(chunk, before.get(i).bytes());
        assertSame(List.of(present.get(i).with(shown)), List.of(present.get(i)));
      }
      if (can(KernelCapability.INCREMENTAL) && comparable) {
        assertThat(taken.chunks())
            .as("it knows of changes")
            .anyMatch(c -> c.changedBlocks().isPresent());
      }
    }
  }

  /** The base's bytes under those of the blocks that may have changed: only they are read. */
  private byte[] shown(DataChunk chunk, byte[] before) {
    byte[] shown = before.clone();
    if (chunk.changedBlocks().isEmpty()) {
      read(chunk, 0, shown, shown.length);
      return shown;
    }
    ChangedBlocks changed = chunk.changedBlocks().get();
    int blockSize = changed.blockSize();
    for (int block = 0; block < Fingerprints.blocks(shown.length, blockSize); block++) {
      if (changed.isChanged(block)) {
        int at = block * blockSize;
        read(chunk, at, shown, Math.min(blockSize, shown.length - at));
      }
    }
    return shown;
  }
}
