package io.ringkernel.checkpoint.format.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.CodecUnavailableException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.BlockReferences;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.EncodedFile;
import io.ringkernel.checkpoint.tck.fault.ScriptedContent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Writing: the reference's bytes, lazily, without a copy. */
class WritingTest {
  private static final int MIB = 1 << 20;

  private final Bench bench = Bench.with(new RunLengthCodec(1), new RunLengthCodec(9));

  @AfterEach
  void giveBack() {
    bench.close();
  }

  @Test
  void laysTheFileOutAsTheFormatSays() {
    HandMadeFile expected = HandMadeFile.small();
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("kernel", "type")
            .step(500)
            .gridSize(new Dim3(32, 16, 8))
            .tileSize(new Dim3(4, 2, 1))
            .hlc(new HlcTimestamp(1_700_000_000_000_000L, 7, 3))
            .custom("b", "2")
            .custom("a", "1")
            .build();
    Checkpoint checkpoint =
        Checkpoint.builder(metadata)
            .controlBlock(ChunkContent.of(new byte[] {1, 2, 3}))
            .deviceMemory("pressure_a", ChunkContent.of(new byte[] {4, 5, 6, 7, 8, 9}))
            .custom(77, ChunkContent.of(new byte[] {10, 11, 12, 13, 14}))
            .build();

    assertThat(bench.encode(checkpoint, at(expected.createdAt))).isEqualTo(expected.bytes());
  }

  @Test
  void sortsCustomKeysByTheirUtf8Bytes() {
    String highInTheBasicPlane = "\uFF5E";
    String supplementary = new String(Character.toChars(0x10000));
    Checkpoint checkpoint =
        Checkpoint.of(
            CheckpointMetadata.builder("", "")
                .custom(supplementary, "")
                .custom(highInTheBasicPlane, "")
                .build(),
            List.of(),
            () -> {});

    assertThat(bench.text(bench.encode(checkpoint, at(1))))
        .containsSubsequence("custom \"%EF%BD%9E\"", "custom \"%F0%90%80%80\"");
  }

  @Test
  void keepsFlagsDuplicatesAndUnknownTypes() {
    byte[] bytes = {1};
    List<DataChunk> chunks =
        List.of(
            DataChunk.of(new ChunkType(-1), -1, ChunkContent.of(bytes)).withFlags(-1),
            DataChunk.of(ChunkType.CUSTOM, 7, ChunkContent.empty()),
            DataChunk.of(ChunkType.CUSTOM, 7, ChunkContent.of(bytes)));

    byte[] file = bench.encode(checkpoint(chunks), at(1));

    assertThat(bench.text(file))
        .contains("chunk 0 type 4294967295 flags 4294967295 usize 1 csize 1 id 0xffffffffffffffff")
        .contains("chunk 1 type 100 flags 0 usize 0 csize 0")
        .contains("chunk 2 type 100 flags 0 usize 1 csize 1");
    assertThat(bench.open(file, Bench.STRICT).chunks())
        .extracting(layout -> layout.occurrence())
        .containsExactly(0, 0, 1);
  }

  @Test
  void takesCreatedAtFromTheOptionsThenTheCheckpointThenTheClock() {
    Checkpoint dated =
        Checkpoint.of(
            CheckpointMetadata.builder("", "").createdAtMicros(-5).build(), List.of(), () -> {});
    Checkpoint undated = checkpoint(List.of());
    long before = Instant.now().getEpochSecond();

    assertThat(createdAt(bench.encode(dated, at(0)))).isZero();
    assertThat(createdAt(bench.encode(dated, Bench.version1().build()))).isEqualTo(-5);
    assertThat(createdAt(bench.encode(undated, Bench.version1().build())) / 1_000_000)
        .isBetween(before, Instant.now().getEpochSecond());
  }

  @Test
  void givesTheSameBytesForTheSameStateInMemoryOrNot() {
    byte[] state = Specification.lcg(5 * MIB + 321, 1);
    ByteBuffer direct = ByteBuffer.allocateDirect(state.length).put(state).flip();
    try (RemoteContent remote = new RemoteContent(state)) {
      byte[] fromHeap = bench.encode(region(ChunkContent.of(state)), at(1));
      ChunkContent segments =
          ChunkContent.of(
              List.of(ByteBuffer.wrap(state, 0, 7), ByteBuffer.wrap(state, 7, state.length - 7)));

      assertThat(bench.encode(region(ChunkContent.of(direct)), at(1))).isEqualTo(fromHeap);
      assertThat(bench.encode(region(remote), at(1))).isEqualTo(fromHeap);
      assertThat(bench.encode(region(segments), at(1))).isEqualTo(fromHeap);
      assertThat(Bench.bytes(bench.open(fromHeap, Bench.STRICT).chunks().get(0).chunk().content()))
          .isEqualTo(state);
    }
  }

  @Test
  void givesHostMemoryOutWithoutACopyAndReadOnly() {
    byte[] state = new byte[3 * MIB];
    List<OwnedBuffer> buffers =
        encoded(region(ChunkContent.of(state))).collectList().blockOptional().orElseThrow();
    List<OwnedBuffer> slices = buffers.subList(2, buffers.size());

    state[0] = 1;
    state[3 * MIB - 1] = 2;

    assertThat(slices).hasSize(3).allMatch(slice -> slice.buffer().isReadOnly());
    assertThat(slices.get(0).buffer().get(0)).isEqualTo((byte) 1);
    assertThat(slices.get(2).buffer().get(MIB - 1)).isEqualTo((byte) 2);
  }

  @Test
  void doesNothingBeforeItIsSubscribedTo() {
    try (RemoteContent remote = new RemoteContent(new byte[10])) {
      Flux<OwnedBuffer> bytes = encoded(region(remote));
      assertThat(remote.requests).isEmpty();

      Bench.join(bytes);

      assertThat(remote.requests).hasSize(2);
    }
  }

  @Test
  void startsAnewAtEverySubscription() {
    List<EncodedFile> told = new ArrayList<>();
    byte[] state = Specification.lcg(2 * MIB, 3);
    Flux<OwnedBuffer> bytes =
        Version1Writer.encode(region(ChunkContent.of(state)), at(1), bench.workbench, told::add);

    byte[] first = Bench.join(bytes);

    assertThat(Bench.join(bytes)).isEqualTo(first);
    assertThat(told).hasSize(2);
  }

  @Test
  void tellsWhatItWroteJustBeforeTheEnd() {
    List<Object> events = new ArrayList<>();
    Version1Writer.encode(
            region(ChunkContent.of(new byte[1000])), at(1), bench.workbench, events::add)
        .doOnNext(OwnedBuffer::close)
        .doOnComplete(() -> events.add("complete"))
        .blockLast(Bench.PATIENCE);

    assertThat(events)
        .containsExactly(
            new EncodedFile(
                1, 64 + 4 + 68 + 32 + 1000, 1000, 1000, 1000, 0, 0, 0, null, null, List.of(), null),
            "complete");
  }

  @Test
  void givesNoMoreThanIsDemanded() {
    try (RemoteContent remote = new RemoteContent(new byte[20 * MIB])) {
      StepVerifier.create(encoded(region(remote)).doOnNext(OwnedBuffer::close), 0)
          .expectSubscription()
          .thenRequest(2)
          .expectNextCount(2)
          .thenRequest(3)
          .expectNextCount(3)
          .thenCancel()
          .verify(Bench.PATIENCE);

      // Once for the checksum; of the second time what was demanded and what is read ahead.
      assertThat(remote.requests).hasSizeBetween(20 + 3, 20 + 3 + 6);
    }
  }

  @Test
  void givesAllHoweverSlowlyItIsDemanded() {
    byte[] state = Specification.lcg(6 * MIB + 5, 4);
    try (RemoteContent remote = new RemoteContent(state)) {
      Flux<OwnedBuffer> slowly =
          encoded(region(remote))
              .concatMap(bytes -> Mono.delay(Duration.ofMillis(10)).thenReturn(bytes), 1);

      assertThat(Bench.join(slowly)).isEqualTo(Bench.join(encoded(region(ChunkContent.of(state)))));
    }
  }

  @Test
  void givesMemoryBackWhenCancelledInTheMiddle() {
    try (RemoteContent remote = new RemoteContent(new byte[20 * MIB])) {
      for (int buffers = 0; buffers < 6; buffers++) {
        StepVerifier.create(encoded(region(remote)).doOnNext(OwnedBuffer::close), buffers)
            .expectNextCount(buffers)
            .thenCancel()
            .verify(Bench.PATIENCE);
        Bench.eventually(() -> bench.workbench.buffers().open() == 0);
      }
    }
  }

  @Test
  void givesMemoryBackWhenCancelledWhileSumming() {
    try (RemoteContent remote = new RemoteContent(new byte[200 * MIB])) {
      BaseSubscriber<OwnedBuffer> subscriber = new BaseSubscriber<>() {};
      encoded(region(remote)).subscribe(subscriber);
      Bench.eventually(() -> remote.requests.size() > 5);

      subscriber.cancel();

      Bench.eventually(() -> bench.workbench.buffers().open() == 0);
      assertThat(remote.requests).hasSizeLessThan(200);
    }
  }

  @Test
  void passesAContentsErrorOnAndGivesMemoryBack() {
    AtomicInteger reads = new AtomicInteger();
    try (RemoteContent remote = new RemoteContent(new byte[8 * MIB])) {
      remote.fate =
          read ->
              reads.incrementAndGet() == 11
                  ? Mono.error(new IllegalStateException("device lost"))
                  : read;

      assertThatThrownBy(() -> Bench.join(encoded(region(remote)))).hasMessage("device lost");
    }
  }

  @Test
  void refusesAContentThatGivesLessThanItsSize() {
    try (RemoteContent remote = new RemoteContent(new byte[100])) {
      remote.fate = read -> read.map(count -> count - 1);

      assertThatThrownBy(() -> Bench.join(encoded(region(remote))))
          .hasMessageContaining("gave 99 at offset 0 where 100 were asked for");
    }
  }

  @Test
  void refusesStateThatVersion1CantHoldBeforeTheFirstByte() {
    ChunkContent most = claimed((1L << 30) - 56 - 4 - 68 - 32);
    ChunkContent oneMore = claimed(most.size() + 1);

    StepVerifier.create(encoded(region(oneMore)))
        .expectErrorSatisfies(
            e ->
                assertThat(e)
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("write version 2"))
        .verify(Bench.PATIENCE);
    assertThatThrownBy(() -> Bench.join(encoded(region(most)))).hasMessage("nobody reads this");
  }

  @Test
  void refusesSizesWhoseSumOverflows() {
    DataChunk half = DataChunk.of(ChunkType.CUSTOM, 1, claimed(Long.MAX_VALUE));

    assertThatThrownBy(() -> Bench.join(encoded(checkpoint(List.of(half, half, half)))))
        .isInstanceOf(LimitExceededException.class);
  }

  @Test
  void decidesByTheRawSizeAlsoWhenCompressing() {
    EncodeOptions options = Bench.version1().compression(Compression.of("lz4")).build();

    assertThatThrownBy(() -> bench.encode(region(claimed(1L << 30)), options))
        .isInstanceOf(LimitExceededException.class);
  }

  @Test
  void refusesReferencesToOtherFiles() {
    EncodeOptions options = Bench.version1().references(new NoReferences()).build();

    assertThatThrownBy(() -> bench.encode(region(claimed(10)), options))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("write version 2");
  }

  @Test
  void refusesACodecThatIsNotThere() {
    EncodeOptions options = Bench.version1().compression(Compression.of("zstd")).build();

    assertThatThrownBy(() -> bench.encode(region(claimed(10)), options))
        .isInstanceOf(CodecUnavailableException.class)
        .hasMessageContaining("ringkernel-checkpoint-compression-zstd");
  }

  @Test
  void refusesACodecThatVersion1HasNoCodeFor() {
    EncodeOptions options = Bench.version1().compression(Compression.of("runs")).build();

    assertThatThrownBy(() -> bench.encode(region(claimed(10)), options))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("version 1 knows lz4 and zstd, not runs");
  }

  @Test
  void refusesALevelThatTheCodecDoesNotHave() {
    EncodeOptions options = Bench.version1().compression(Compression.parse("lz4:4")).build();

    assertThatThrownBy(() -> bench.encode(region(claimed(10)), options))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("lz4 has the levels 1 to 3, not 4");
  }

  @Test
  void isReachedThroughTheFrontDoor() {
    try (CheckpointCodec codec = CheckpointCodec.builder().parallelism(1).build()) {
      Checkpoint checkpoint = Specification.checkpoint(Golden.EACH_TYPE.specification());
      long createdAt = createdAt(Golden.EACH_TYPE.file());

      byte[] file = Bench.join(codec.encode(checkpoint, at(createdAt)));

      assertThat(file).isEqualTo(Golden.EACH_TYPE.file());
      assertThat(
              codec
                  .decode(ChunkContent.of(file), Bench.STRICT)
                  .blockOptional(Bench.PATIENCE)
                  .orElseThrow()
                  .region("pressure_a"))
          .isPresent();
      assertThat(
              codec
                  .readMetadata(ChunkContent.of(file), Bench.STRICT)
                  .blockOptional(Bench.PATIENCE)
                  .orElseThrow())
          .isEqualTo(checkpoint.metadata().toBuilder().createdAtMicros(createdAt).build());
    }
  }

  private Flux<OwnedBuffer> encoded(Checkpoint checkpoint) {
    return Version1Writer.encode(checkpoint, at(1), bench.workbench, written -> {});
  }

  private long createdAt(byte[] file) {
    return bench.open(file, Bench.STRICT).header().createdAtMicros();
  }

  private static EncodeOptions at(long micros) {
    return Bench.version1().createdAtMicros(micros).build();
  }

  private static Checkpoint region(ChunkContent content) {
    return checkpoint(List.of(DataChunk.region("r", content)));
  }

  private static Checkpoint checkpoint(List<DataChunk> chunks) {
    return Checkpoint.of(CheckpointMetadata.builder("", "").build(), chunks, () -> {});
  }

  /** A content that has a size and must not be read. */
  private static ChunkContent claimed(long size) {
    return ScriptedContent.failing(size, new IllegalStateException("nobody reads this"));
  }

  private static final class NoReferences implements BlockReferences {
    @Override
    public List<Ancestor> ancestors() {
      return List.of();
    }

    @Override
    public BlockLocation find(int chunkIndex, long block, byte[] fingerprints, int at) {
      return BlockLocation.ZERO;
    }
  }
}
