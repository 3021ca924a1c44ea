package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.format.Compression;
import java.nio.ByteBuffer;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Loading reads what is asked for, and little else. */
class PartialLoadTest {
  private static final int MIB = 1 << 20;

  private final ScriptedStorage storage = new ScriptedStorage("memory:");
  private final Checkpointer checkpointer =
      Checkpointer.builder(storage).compression(Compression.of("lz4")).build();

  @AfterEach
  void close() {
    assertThat(storage.openBuffers).hasValue(0);
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  /** A thousand chunks, so that the index is as large as it gets for a state of this size. */
  @Test
  void oneRegionOfAMebibyteOfAGibibyteTransfersTwoMebibytesAtMost() {
    ByteBuffer ones = ByteBuffer.allocateDirect(MIB);
    while (ones.hasRemaining()) {
      ones.put((byte) 1);
    }
    byte[] wanted = TestStates.random(MIB, 3);
    CheckpointBuilder state = Checkpoint.builder(TestStates.metadata("big", 1));
    for (int i = 0; i < 1023; i++) {
      state.deviceMemory("region-" + i, ChunkContent.of(ones.clear()));
    }
    state.deviceMemory("wanted", ChunkContent.of(wanted));

    assertThat(transferredBy(state.build(), wanted)).isBetween((long) MIB, 2L * MIB);
  }

  /** Two regions of 1 MiB around zeros, which take no memory here and no space there. */
  @Test
  void oneRegionOfAMebibyteOf64SparseGibibytesTransfersThreeMebibytesAtMost() {
    ByteBuffer zeros = ByteBuffer.allocateDirect(MIB);
    byte[] wanted = TestStates.random(MIB, 3);
    Checkpoint state =
        Checkpoint.builder(TestStates.metadata("big", 1))
            .deviceMemory("before", ChunkContent.of(TestStates.random(MIB, 2)))
            .deviceMemory("sparse", ChunkContent.of(Collections.nCopies(64 << 10, zeros)))
            .deviceMemory("wanted", ChunkContent.of(wanted))
            .build();
    assertThat(state.size()).isEqualTo((64L << 30) + 2 * MIB);

    assertThat(transferredBy(state, wanted)).isBetween((long) MIB, 3L * MIB);
  }

  /**
   * Saves a state, and gives the bytes that loading its region "wanted" takes out of the storage.
   */
  private long transferredBy(Checkpoint state, byte[] wanted) {
    checkpointer.save("big", state).block(LONG.multipliedBy(10));
    storage.bytesRead.set(0);
    try (Checkpoint loaded = checkpointer.load("big").block(LONG)) {
      assertThat(loaded.size()).isEqualTo(state.size());
      assertThat(TestStates.bytes(loaded.region("wanted").orElseThrow()))
          .isEqualTo(ByteBuffer.wrap(wanted));
    }
    return storage.bytesRead.get();
  }

  @Test
  void openingTakesAFewSmallReads() {
    checkpointer.save("a", TestStates.of("fdtd", 1, 8 * MIB)).block(LONG);
    storage.heal();
    storage.bytesRead.set(0);

    checkpointer.load("a").block(LONG);

    assertThat(storage.calls.stream().map(ScriptedStorage.Call::operation)).containsOnly("read");
    // The entry and its kernel's head, then the object's two ends.
    assertThat(storage.count("read", ".rkcp/objects/")).isEqualTo(2);
    assertThat(storage.calls).hasSize(4);
    assertThat(storage.bytesRead).hasValueLessThan(100_000);
  }

  @Test
  void listingReadsNoObject() {
    for (int i = 0; i < 40; i++) {
      checkpointer.save("sim/" + i, TestStates.of("fdtd", i)).block(LONG);
    }
    storage.heal();

    assertThat(checkpointer.list("sim/1").count().block(LONG)).isEqualTo(11);

    assertThat(storage.count("read", ".rkcp/objects/")).isZero();
    assertThat(storage.count("read", "sim/")).isEqualTo(11);
  }

  @Test
  void partOfAChunkTakesItsBlocksOnly() {
    Checkpointer plain = Checkpointer.builder(storage).build();
    plain.save("a", TestStates.of("fdtd", 1, 32 * MIB)).block(LONG);
    try (Checkpoint loaded = plain.load("a").block(LONG)) {
      ChunkContent content = loaded.region("pressure_a").orElseThrow().content();
      ByteBuffer target = ByteBuffer.allocate(10);
      content.read(0, ByteBuffer.allocate(1)).block(LONG);
      storage.bytesRead.set(0);

      content.read(20 * MIB + 5, target).block(LONG);

      assertThat(storage.bytesRead).hasValueLessThan(200_000);
      ByteBuffer all =
          TestStates.bytes(TestStates.of("fdtd", 1, 32 * MIB).region("pressure_a").orElseThrow());
      assertThat(target.flip()).isEqualTo(all.slice(20 * MIB + 5, 10));
    }
    plain.close().block(LONG);
  }
}
