package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.ChangingKernel.BLOCK;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.ChangedBlocks;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Kernels that make their own deltas against the base that the engine shows them. */
class IncrementalKernelTest {
  private final ScriptedStorage storage = new ScriptedStorage("memory:");
  private final Checkpointer checkpointer = Checkpointer.builder(storage).build();

  @AfterEach
  void close() {
    assertThat(storage.openBuffers.get()).isZero();
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  /** Knows which blocks it wrote to, and lets only those be read. */
  private static final class Aware extends ChangingKernel {
    final BitSet dirty = new BitSet();
    final Set<Integer> read = ConcurrentHashMap.newKeySet();
    final boolean bringsFingerprints;
    Checkpoint shown;

    Aware(boolean bringsFingerprints) {
      super("fdtd");
      this.bringsFingerprints = bringsFingerprints;
      region("a", 40, 1);
    }

    @Override
    void touch(String region, int block) {
      super.touch(region, block);
      dirty.set(block);
    }

    @Override
    public boolean supportsIncremental() {
      return true;
    }

    @Override
    public Mono<Checkpoint> createIncrementalCheckpoint(Checkpoint base) {
      return Mono.fromSupplier(
          () -> {
            shown = base;
            DataChunk before = base.region("a").orElseThrow();
            DataChunk chunk =
                DataChunk.region("a", new Picky(regions.get("a"), read))
                    .withChangedBlocks(ChangedBlocks.of(BLOCK, dirty));
            CheckpointBuilder made =
                Checkpoint.builder(TestStates.metadata(kernelId(), step))
                    .controlBlock(ChunkContent.of(control));
            made.chunk(bringsFingerprints ? chunk.withFingerprints(before.fingerprints()) : chunk);
            return made.build();
          });
    }
  }

  /** Notes which blocks are read. */
  private static final class Picky implements ChunkContent {
    private final byte[] bytes;
    private final Set<Integer> read;

    Picky(byte[] bytes, Set<Integer> read) {
      this.bytes = bytes;
      this.read = read;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return Mono.fromSupplier(
          () -> {
            read.add((int) (offset / BLOCK));
            int length = (int) Math.min(target.remaining(), bytes.length - offset);
            target.put(bytes, (int) offset, length);
            return length;
          });
    }
  }

  @Test
  void onlyTheBlocksItWroteToAreRead() {
    Aware kernel = new Aware(false);
    SaveReceipt full = checkpointer.save(kernel).block(LONG);
    kernel.touch("a", 7);
    kernel.touch("a", 39);

    SaveReceipt delta = checkpointer.save(kernel).block(LONG);

    assertThat(delta.kind()).isEqualTo(CheckpointKind.DELTA);
    assertThat(delta.base()).isEqualTo(full.objectId());
    assertThat(delta.changed()).isEqualTo(2 * BLOCK);
    assertThat(kernel.read).containsExactlyInAnyOrder(7, 39);
    Map<String, ByteBuffer> loaded = TestStates.loaded(checkpointer, delta.name());
    assertThat(loaded).isEqualTo(kernel.bytes());
    assertThat(checkpointer.verify(delta.name(), VerifyDepth.FULL).block(LONG).finding()).isNull();
  }

  @Test
  void theBaseShowsFingerprintsWithoutReadingTheStore() {
    Aware kernel = new Aware(false);
    checkpointer.save(kernel).block(LONG);
    storage.heal();
    checkpointer.save(kernel).block(LONG);

    BlockFingerprints shown = kernel.shown.region("a").orElseThrow().fingerprints().block(LONG);
    assertThat(storage.count("read", ".rkcp/objects/")).isZero();
    assertThat(shown.count()).isEqualTo(41);
    assertThat(kernel.shown.metadata().step()).isEqualTo(kernel.step);
  }

  @Test
  void theBaseGivesItsBytesWhenAskedFor() {
    Aware kernel = new Aware(false);
    checkpointer.save(kernel).block(LONG);
    Map<String, ByteBuffer> before = kernel.bytes();
    kernel.touch("a", 7);
    checkpointer.save(kernel).block(LONG);

    assertThat(TestStates.bytes(kernel.shown)).isEqualTo(before);
  }

  @Test
  void fingerprintsThatItBringsStandInForReadingToo() {
    Aware kernel = new Aware(true);
    checkpointer.save(kernel).block(LONG);

    SaveReceipt delta = checkpointer.save(kernel).block(LONG);

    assertThat(delta.changed()).isZero();
    assertThat(kernel.read).isEmpty();
    assertThat(TestStates.loaded(checkpointer, delta.name())).isEqualTo(kernel.bytes());
  }

  @Test
  void aFullSaveAsksForEverything() {
    Aware kernel = new Aware(false);
    checkpointer.save(kernel).block(LONG);

    checkpointer.save(kernel, SaveRequest.defaults().base(BaseChoice.full())).block(LONG);

    assertThat(kernel.shown).isNull();
  }

  @Test
  void whatACheckpointSaysOfChangesIsNotTakenForAnotherBase() {
    Aware kernel = new Aware(false);
    checkpointer.save(kernel, SaveRequest.defaults().named("a")).block(LONG);
    kernel.touch("a", 3);
    kernel.dirty.clear();
    try (Checkpoint misinformed =
        kernel.createIncrementalCheckpoint(checkpointer.load("a").block(LONG)).block(LONG)) {
      SaveRequest request = SaveRequest.defaults().named("b").base(BaseChoice.latest());
      SaveReceipt receipt = checkpointer.save(misinformed, request).block(LONG);

      assertThat(receipt.changed()).isEqualTo(BLOCK);
    }
    assertThat(TestStates.loaded(checkpointer, "b")).isEqualTo(kernel.bytes());
  }
}
