package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.ReaderFixture.assertSame;
import static io.ringkernel.checkpoint.format.v2.ReaderFixture.corruption;
import static io.ringkernel.checkpoint.format.v2.ReaderFixture.failure;
import static io.ringkernel.checkpoint.format.v2.ReaderFixture.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.error.CodecUnavailableException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.wire.Workbench;
import io.ringkernel.checkpoint.tck.fault.ScriptedContent;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class ContentTest {
  private static final int BLOCK = FileBuilder.BLOCK_SIZE;

  @RegisterExtension final ReaderFixture fixture = new ReaderFixture();

  /** Raw, zero, compressed and raw blocks, and a short compressed one. */
  private final byte[] mixed =
      Bytes.join(
          Bytes.random(3 * BLOCK, 1),
          new byte[2 * BLOCK],
          Bytes.runs(4 * BLOCK, 2),
          Bytes.random(BLOCK, 3),
          Bytes.runs(BLOCK + 100, 4));

  private FileBuilder mixedFile() {
    return new FileBuilder()
        .chunk(ChunkType.CONTROL_BLOCK, 0, Bytes.random(200, 9))
        .compressed("mixed", mixed)
        .region("empty", new byte[0]);
  }

  private DataChunk mixedFrom(ChunkContent file) {
    return fixture.open(file, DecodeOptions.defaults()).chunks().get(1).chunk();
  }

  @Test
  void givesBackEveryChunk() {
    CheckpointFile file = fixture.open(mixedFile().build());
    assertSame(read(file.chunks().get(0).chunk()), Bytes.random(200, 9));
    assertSame(read(file.chunks().get(1).chunk()), mixed);
    assertThat(file.chunks().get(2).chunk().size()).isZero();
    assertThat(read(file.chunks().get(2).chunk(), 0, 10)).isEmpty();
  }

  @Test
  void givesAnyRangeFromMemoryAndFromDisk() {
    byte[] bytes = mixedFile().build();
    for (ChunkContent file : List.of(ChunkContent.of(bytes), fixture.onDisk(bytes))) {
      DataChunk chunk = mixedFrom(file);
      Random random = new Random(5);
      for (int i = 0; i < 300; i++) {
        int from = random.nextInt(mixed.length + 1);
        int to = from + random.nextInt(mixed.length - from + 1);
        assertSame(read(chunk, from, to - from), Arrays.copyOfRange(mixed, from, to));
      }
    }
  }

  @Test
  void givesRangesOfFilesWhoseMemoryIsInPieces() {
    byte[] bytes = mixedFile().build();
    List<ByteBuffer> pieces =
        Flux.range(0, bytes.length / 1000 + 1)
            .map(i -> ByteBuffer.wrap(bytes, i * 1000, Math.min(1000, bytes.length - i * 1000)))
            .collectList()
            .block();
    assertSame(read(mixedFrom(ChunkContent.of(Objects.requireNonNull(pieces)))), mixed);
  }

  @Test
  void readsWithShaFingerprintsAndLargeBlocks() {
    FileBuilder builder = new FileBuilder();
    builder.algorithm = FingerprintAlgorithm.SHA_256;
    builder.blockSize = 2 << 20;
    byte[] content = Bytes.join(Bytes.random(3 << 20, 1), Bytes.runs(3 << 20, 2));
    byte[] bytes = builder.compressed("large", content).build();
    for (ChunkContent file : List.of(ChunkContent.of(bytes), fixture.onDisk(bytes))) {
      CheckpointFile opened = fixture.open(file, DecodeOptions.defaults());
      DataChunk chunk = opened.chunks().get(0).chunk();
      assertSame(read(chunk), content);
      assertSame(read(chunk, 100, 4 << 20), Arrays.copyOfRange(content, 100, 100 + (4 << 20)));
      assertThat(failure(opened.verifyAll())).isNull();
    }
  }

  @Test
  void readsAcrossIndexPages() {
    byte[] content = Bytes.random(BLOCK * (Layout.BLOCKS_PER_PAGE + 3), 6);
    FileOnDisk file = fixture.onDisk(new FileBuilder().region("long", content).build());
    DataChunk chunk = fixture.open(file, DecodeOptions.defaults()).chunks().get(0).chunk();
    int from = BLOCK * (Layout.BLOCKS_PER_PAGE - 2) + 5;
    assertSame(read(chunk, from, 4 * BLOCK), Arrays.copyOfRange(content, from, from + 4 * BLOCK));
    assertSame(read(chunk), content);
  }

  @Test
  void readsOnlyTheBlocksThatAreAskedForAndTogetherWhatLiesTogether() {
    byte[] content = Bytes.random(64 * BLOCK, 7);
    FileOnDisk file = fixture.onDisk(new FileBuilder().region("state", content).build());
    DataChunk chunk = fixture.open(file, DecodeOptions.defaults()).chunks().get(0).chunk();
    file.reset();
    assertSame(
        read(chunk, 10 * BLOCK, 20 * BLOCK), Arrays.copyOfRange(content, 10 * BLOCK, 30 * BLOCK));
    assertThat(file.reads.get()).isEqualTo(1);
    assertThat(file.bytesRead.get()).isEqualTo(20 * (BLOCK + Layout.LOCAL_HEADER_SIZE));
  }

  @Test
  void readsNothingForZeros() {
    byte[] content = new byte[64 * BLOCK];
    content[0] = 1;
    FileOnDisk file = fixture.onDisk(new FileBuilder().region("state", content).build());
    DataChunk chunk = fixture.open(file, DecodeOptions.defaults()).chunks().get(0).chunk();
    file.reset();
    ByteBuffer dirty = ByteBuffer.wrap(Bytes.random(63 * BLOCK, 1));
    chunk.content().read(BLOCK, dirty).block();
    assertSame(dirty.array(), new byte[63 * BLOCK]);
    assertThat(file.reads.get()).isZero();
  }

  @Test
  void refusesAnOffsetThatIsNotWithinTheContent() {
    ChunkContent content = mixedFrom(ChunkContent.of(mixedFile().build())).content();
    ByteBuffer target = ByteBuffer.allocate(10);
    assertThat(failure(content.read(-1, target))).isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(failure(content.read(mixed.length + 1L, target)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(content.read(mixed.length, target).block()).isZero();
  }

  @Test
  void tellsWhereARawBlockDiffers() {
    byte[] bytes = mixedFile().build();
    CheckpointFile file = fixture.open(bytes);
    long at = Objects.requireNonNull(file.locate(1, 1).block()).position() + 16;
    bytes[(int) at + 99] ^= 4;
    for (ChunkContent damaged : List.of(ChunkContent.of(bytes), fixture.onDisk(bytes))) {
      ChunkContent content = mixedFrom(damaged).content();
      ByteBuffer target = ByteBuffer.allocate(mixed.length);
      CorruptCheckpointException failure = corruption(content.read(0, target));
      assertThat(failure.offset()).isEqualTo(at);
      assertThat(failure).hasMessageContaining("fingerprint of block 1 of chunk 1 'mixed'");
      assertThat(target.position()).isZero();
    }
  }

  @Test
  void showsNoDamagedByteToADecompressor() {
    byte[] bytes = mixedFile().build();
    CheckpointFile file = fixture.open(bytes);
    long at = Objects.requireNonNull(file.locate(1, 11).block()).position() + 16;
    bytes[(int) at] ^= 4;
    ChunkContent content = mixedFrom(fixture.onDisk(bytes)).content();
    CorruptCheckpointException failure =
        corruption(content.read(11 * BLOCK, ByteBuffer.allocate(10)));
    assertThat(failure.offset()).isEqualTo(at);
    assertThat(failure).hasMessageContaining("checksum of block 11");
    assertThat(fixture.codec.decompressed.get()).isZero();
  }

  @Test
  void givesTheOffsetInTheFileOfWhatADecompressorRefuses() {
    FileBuilder builder = new FileBuilder();
    builder.storedBytes = stored -> new byte[] {1, 1, 1};
    byte[] bytes = builder.compressed("runs", Bytes.runs(BLOCK, 1)).build();
    ChunkContent content = fixture.open(bytes).chunks().get(0).chunk().content();
    long at = Objects.requireNonNull(fixture.open(bytes).locate(0, 0).block()).position() + 16;
    CorruptCheckpointException failure = corruption(content.read(0, ByteBuffer.allocate(BLOCK)));
    assertThat(failure.offset()).isEqualTo(at + 2);
    assertThat(failure).hasMessageContaining("a run is cut off, in block 0");
  }

  @Test
  void namesTheMissingCodecAndStillReadsRawBlocks() {
    Workbench bare = ReaderFixture.workbench(CompressionCodecs.of());
    CheckpointFile file =
        Version2Reader.open(ChunkContent.of(mixedFile().build()), DecodeOptions.defaults(), bare)
            .block();
    DataChunk chunk = Objects.requireNonNull(file).chunks().get(1).chunk();
    assertSame(read(chunk, 0, 5 * BLOCK), Arrays.copyOf(mixed, 5 * BLOCK));
    assertThat(failure(chunk.content().read(5 * BLOCK, ByteBuffer.allocate(1))))
        .isInstanceOf(CodecUnavailableException.class)
        .hasMessageContaining("77");
  }

  @Test
  void endsOnlyWhenNothingWritesToTheTargetAnyMore() {
    byte[] content = Bytes.random(4 << 20, 3);
    byte[] bytes = new FileBuilder().region("state", content).build();
    Sinks.Empty<Void> slow = Sinks.empty();
    ChunkContent file = new FailsSecond(bytes, slow.asMono());
    DataChunk chunk = fixture.open(file, DecodeOptions.defaults()).chunks().get(0).chunk();
    AtomicBoolean ended = new AtomicBoolean();
    StepVerifier.create(
            chunk
                .content()
                .read(0, ByteBuffer.allocate(content.length))
                .doOnTerminate(() -> ended.set(true)))
        .expectSubscription()
        .expectNoEvent(java.time.Duration.ofMillis(50))
        .then(slow::tryEmitEmpty)
        .verifyError(StorageException.class);
    assertThat(ended).isTrue();
  }

  /** The second scattered read fails at once; the others wait. */
  private static final class FailsSecond implements ChunkContent {
    private final ChunkContent content;
    private final Mono<Void> slow;
    private final AtomicInteger reads = new AtomicInteger();

    FailsSecond(byte[] bytes, Mono<Void> slow) {
      this.content = ChunkContent.of(bytes);
      this.slow = slow;
    }

    @Override
    public long size() {
      return content.size();
    }

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return content.read(offset, target);
    }

    @Override
    public Mono<Long> read(long offset, List<ByteBuffer> targets) {
      return reads.incrementAndGet() == 2
          ? Mono.error(new StorageException("connection lost", true, null))
          : slow.then(content.read(offset, targets));
    }
  }

  @Test
  void givesPooledMemoryBackAfterACancel() {
    byte[] content = Bytes.runs(8 << 20, 3);
    byte[] bytes = new FileBuilder().compressed("state", content).build();
    DataChunk chunk =
        fixture.open(fixture.onDisk(bytes), DecodeOptions.defaults()).chunks().get(0).chunk();
    for (int i = 0; i < 50; i++) {
      chunk.content().read(0, ByteBuffer.allocate(content.length)).subscribe().dispose();
    }
    // The fixture waits for all buffers and decompressors.
    assertSame(read(chunk), content);
  }

  @Test
  void tellsThatTheSourceGaveTooLittle() {
    byte[] bytes = mixedFile().build();
    FileOnDisk whole = fixture.onDisk(bytes);
    ChunkContent shrinking =
        new ScriptedContent(
            whole.size(),
            (offset, target) -> {
              int less = offset == 0 || offset > 10_000 ? 1 : 0;
              ByteBuffer most = target.duplicate().limit(target.limit() - less);
              return whole.read(offset, most).doOnNext(read -> target.position(most.position()));
            });
    assertThat(
            corruption(Version2Reader.open(shrinking, DecodeOptions.defaults(), fixture.workbench)))
        .hasMessageContaining("the file ends here, 1 bytes more were expected");
  }

  @Test
  void runsNeitherOnTheSubscribersThreadNorOnTheIoThread() {
    byte[] bytes = mixedFile().build();
    DataChunk chunk = mixedFrom(fixture.onDisk(bytes));
    String thread =
        chunk
            .content()
            .read(0, ByteBuffer.allocate(mixed.length))
            .map(read -> Thread.currentThread().getName())
            .block();
    assertThat(thread).startsWith("test-codec");
  }
}
