package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.WriterFixture.checkpoint;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.region;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.ChangedBlocks;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.BlockReferences;
import io.ringkernel.checkpoint.format.EncodeOptions;
import java.util.BitSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A kernel that knows which blocks it wrote to has only those read. */
class UnchangedBlocksTest {
  private static final int BLOCK = 4096;

  private final WriterFixture fixture = new WriterFixture(2);
  private final byte[] before = Bytes.join(Bytes.random(30 * BLOCK, 1), new byte[BLOCK]);
  private BlockIndex base;

  @BeforeEach
  void writeBase() {
    WriterFixture.bytes(fixture.encode(checkpoint(region("a", before)), options().build()));
    base = fixture.written.get().index();
  }

  @AfterEach
  void close() {
    fixture.assertNothingIsHeld();
    fixture.close();
  }

  private static EncodeOptions.Builder options() {
    return EncodeOptions.builder().blockSize(BLOCK).maxIndexWeight(Long.MAX_VALUE);
  }

  private CountingContent write(byte[] state, boolean captureKnowsBase, int... changed) {
    CountingContent content = new CountingContent(state);
    BitSet bits = new BitSet();
    for (int block : changed) {
      bits.set(block);
    }
    Checkpoint next =
        checkpoint(DataChunk.region("a", content).withChangedBlocks(ChangedBlocks.of(BLOCK, bits)));
    WriterFixture.bytes(
        fixture.encode(
            next,
            options()
                .references(BlockReferences.to(base, next.chunks(), captureKnowsBase))
                .build()));
    return content;
  }

  @Test
  void onlyChangedBlocksAreRead() {
    byte[] after = before.clone();
    after[7 * BLOCK]++;

    CountingContent content = write(after, true, 7, 8);

    assertThat(content.bytesRead.get()).isEqualTo(2 * BLOCK);
    assertThat(fixture.written.get().newSize()).isEqualTo(BLOCK);
    BlockIndex.Chunk now = fixture.written.get().index().chunks().get(0);
    BlockIndex.Chunk was = base.chunks().get(0);
    for (int block = 0; block < 31; block++) {
      assertThat(now.matches(block, was, block)).isEqualTo(block != 7);
    }
  }

  @Test
  void withoutTheKernelsWordAboutThisBaseEverythingIsRead() {
    CountingContent content = write(before, false, 7);

    assertThat(content.bytesRead.get()).isEqualTo(before.length);
    assertThat(fixture.written.get().newSize()).isZero();
  }

  @Test
  void aBlockThatTheBaseLacksOrHasShorterIsReadWhateverTheKernelSays() {
    byte[] longer = Bytes.join(before, Bytes.random(BLOCK + 5, 3));

    CountingContent content = write(longer, true);

    assertThat(content.bytesRead.get()).isEqualTo(BLOCK + 5);
    assertThat(fixture.written.get().newSize()).isEqualTo(BLOCK + 5);
  }
}
