package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.ReaderFixture.corruption;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ChunkLayout;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.FileHeader;
import io.ringkernel.checkpoint.format.ObjectId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;

class OpeningTest {
  private static final int BLOCK = FileBuilder.BLOCK_SIZE;

  @RegisterExtension final ReaderFixture fixture = new ReaderFixture();

  @Test
  void tellsWhatTheFileSaysOfItself() {
    FileBuilder builder = new FileBuilder();
    builder.objectId = ObjectId.of(Bytes.random(16, 3));
    byte[] bytes =
        builder
            .region("state", Bytes.join(Bytes.random(BLOCK, 1), new byte[BLOCK + 1]))
            .chunk(ChunkType.CUSTOM, -1, new byte[0])
            .build();
    CheckpointFile file = fixture.open(bytes);
    assertThat(file.objectId()).isEqualTo(builder.objectId);
    assertThat(file.size()).isEqualTo(bytes.length);
    assertThat(file.blockSize()).isEqualTo(BLOCK);
    assertThat(file.ancestors()).isEmpty();
    assertThat(file.fingerprints()).hasValue(FingerprintAlgorithm.XXH3_128);
    assertThat(Objects.requireNonNull(file.rootHash()).bytes())
        .isEqualTo(Arrays.copyOfRange(bytes, bytes.length - 48, bytes.length - 16));
    assertThat(file.metadata())
        .isEqualTo(builder.metadata.toBuilder().createdAtMicros(1234567).build());
    int headerCrc32 = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(36);
    assertThat(file.header())
        .isEqualTo(
            new FileHeader(
                0x524B434B50543031L, 2, 64, bytes.length, 2, 0, headerCrc32, 0, 1234567, 0));
    ChunkLayout state = file.chunks().get(0);
    assertThat(state.declaredSize()).isEqualTo(2 * BLOCK + 1);
    assertThat(state.storedSize()).isEqualTo(BLOCK);
    assertThat(state.blocks()).isEqualTo(3);
    assertThat(state.position()).isEqualTo(64 + 96 + 16 + BLOCK);
    assertThat(state.chunk().name()).hasValue("state");
    ChunkLayout empty = file.chunks().get(1);
    assertThat(empty.position()).isZero();
    assertThat(empty.chunk().id()).isEqualTo(-1);
    assertThat(empty.chunk().name()).isEmpty();
  }

  @Test
  void opensAFileWithoutChunks() {
    CheckpointFile file = fixture.open(new FileBuilder().build());
    assertThat(file.chunks()).isEmpty();
    assertThat(file.fingerprints()).isEmpty();
    assertThat(ReaderFixture.failure(file.verifyAll())).isNull();
  }

  @Test
  void closesACheckpointOnce() {
    AtomicInteger closed = new AtomicInteger();
    Checkpoint checkpoint =
        fixture.open(new FileBuilder().build()).checkpoint(closed::incrementAndGet);
    checkpoint.close();
    checkpoint.close();
    assertThat(closed.get()).isEqualTo(1);
  }

  @Test
  void readsNothingBeforeItIsSubscribedTo() {
    FileOnDisk file = fixture.onDisk(new FileBuilder().build());
    Mono<CheckpointFile> open =
        Version2Reader.open(file, DecodeOptions.defaults(), fixture.workbench);
    Mono<CheckpointMetadata> metadata = Version2Reader.readMetadata(file, DecodeOptions.defaults());
    assertThat(file.reads.get()).isZero();
    open.block();
    metadata.block();
    assertThat(file.reads.get()).isEqualTo(2);
  }

  @Test
  void takesOneReadForASmallFileAndTwoForALargeOne() {
    assertThat(readsToOpen(new FileBuilder().region("state", Bytes.random(50_000, 1)).build()))
        .isEqualTo(1);
    assertThat(readsToOpen(new FileBuilder().region("state", Bytes.random(500_000, 1)).build()))
        .isEqualTo(2);
  }

  @Test
  void takesAReadMoreForALongDirectoryAndForLongMetadata() {
    FileBuilder longDirectory = new FileBuilder();
    for (int i = 0; i < 2000; i++) {
      longDirectory.chunk(ChunkType.CUSTOM, i, new byte[] {1});
    }
    assertThat(readsToOpen(longDirectory.build())).isEqualTo(3);
    FileBuilder longMetadata = new FileBuilder().region("state", Bytes.random(500_000, 1));
    longMetadata.metadata = withNote(longMetadata.metadata, 5000);
    byte[] bytes = longMetadata.build();
    assertThat(readsToOpen(bytes)).isEqualTo(3);
    assertThat(fixture.open(bytes).metadata().custom()).containsEntry("note", "x".repeat(5000));
  }

  @Test
  void readsMetadataOfAnyLengthAroundWhatItReadsFirst() {
    FileBuilder plain = new FileBuilder();
    plain.metadata = withNote(plain.metadata, 0);
    int without = ByteBuffer.wrap(plain.build()).order(ByteOrder.LITTLE_ENDIAN).getInt(20);
    int fits = 4096 - 64 - without;
    for (int note = fits - 1; note <= fits + 65; note++) {
      FileBuilder builder = new FileBuilder().region("state", Bytes.random(100_000, 1));
      builder.metadata = withNote(builder.metadata, note);
      byte[] bytes = builder.build();

      assertThat(fixture.open(bytes).metadata().custom()).containsEntry("note", "x".repeat(note));
      assertThat(Objects.requireNonNull(metadata(ChunkContent.of(bytes)).block()).custom())
          .containsEntry("note", "x".repeat(note));
    }
  }

  private static CheckpointMetadata withNote(CheckpointMetadata metadata, int length) {
    return metadata.toBuilder().custom("note", "x".repeat(length)).build();
  }

  private int readsToOpen(byte[] bytes) {
    FileOnDisk file = fixture.onDisk(bytes);
    CheckpointFile opened = fixture.open(file, DecodeOptions.defaults());
    int reads = file.reads.get();
    assertThat(ReaderFixture.failure(opened.verifyAll())).isNull();
    return reads;
  }

  @Test
  void readsMetadataFromTheBeginningOfAFile() {
    FileBuilder builder = new FileBuilder().region("state", Bytes.random(500_000, 1));
    byte[] bytes = builder.build();
    FileOnDisk file = fixture.onDisk(bytes);
    CheckpointMetadata found = metadata(file).block();
    assertThat(Objects.requireNonNull(found).step()).isEqualTo(7);
    assertThat(file.bytesRead.get()).isEqualTo(4096);
    for (int length = 0; length < 400; length++) {
      Mono<CheckpointMetadata> ofCut = metadata(ChunkContent.of(Arrays.copyOf(bytes, length)));
      if (length < 64 + 96) {
        assertThat(corruption(ofCut).offset()).isLessThanOrEqualTo(length);
      } else {
        assertThat(ofCut.block()).isEqualTo(found);
      }
    }
  }

  @Test
  void findsEveryFlippedBitOfHeaderAndMetadata() {
    byte[] bytes = new FileBuilder().build();
    for (int bit = 0; bit < 8 * (64 + 96); bit++) {
      byte[] damaged = bytes.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(ReaderFixture.failure(metadata(ChunkContent.of(damaged))))
          .as("bit %s", bit)
          .isNotNull();
    }
  }

  private static Mono<CheckpointMetadata> metadata(ChunkContent file) {
    return Version2Reader.readMetadata(file, DecodeOptions.defaults());
  }
}
