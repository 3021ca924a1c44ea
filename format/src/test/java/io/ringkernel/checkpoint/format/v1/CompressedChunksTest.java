package io.ringkernel.checkpoint.format.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.CodecUnavailableException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ChunkLayout;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.EncodeOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

/** What is done with a chunk when compression is asked for, whatever the codec. */
class CompressedChunksTest {
  private static final int MIB = 1 << 20;

  private final RunLengthCodec codec = new RunLengthCodec(1);
  private final Bench bench = Bench.with(codec);

  @AfterEach
  void giveBack() {
    Bench.eventually(() -> codec.open.get() == 0);
    bench.close();
  }

  @Test
  void areStoredAsOneFrameUnderTheCodecsCode() {
    CheckpointFile file = bench.open(compressed(ChunkContent.of(new byte[300])), Bench.STRICT);
    ChunkLayout layout = file.chunks().get(0);

    assertThat(file.header().compression()).isEqualTo(1);
    assertThat(layout.declaredSize()).isEqualTo(300);
    assertThat(layout.storedSize()).isEqualTo(2 + 2 + 2);
    assertThat(contents(file)).containsExactly(new byte[300]);
  }

  @Test
  void areStoredRawWhereCompressingDoesNotHelp() {
    byte[] noise = Specification.lcg(3 * MIB, 1);

    byte[] file = compressed(ChunkContent.of(noise));

    assertThat(file).isEqualTo(bench.encode(checkpoint(ChunkContent.of(noise)), options("none")));
  }

  @Test
  void areStoredRawWhereTheFrameIsNoShorter() {
    byte[] sameLength = thirtyOneRuns(64);
    byte[] shorter = thirtyOneRuns(65);

    CheckpointFile file =
        bench.open(compressed(ChunkContent.of(sameLength), ChunkContent.of(shorter)), Bench.STRICT);

    assertThat(file.chunks()).extracting(ChunkLayout::storedSize).containsExactly(64L, 64L);
    assertThat(file.chunks()).extracting(ChunkLayout::declaredSize).containsExactly(64L, 65L);
    assertThat(contents(file)).containsExactly(sameLength, shorter);
  }

  @Test
  void areStoredRawWhereTheyAreTooShortToBeWorthAFrame() {
    CheckpointFile file =
        bench.open(
            compressed(ChunkContent.of(new byte[63]), ChunkContent.of(new byte[64])), Bench.STRICT);

    assertThat(file.chunks()).extracting(ChunkLayout::storedSize).containsExactly(63L, 4L);
  }

  @Test
  void areStoredRawWhereTheyAreEmpty() {
    assertThat(compressed(ChunkContent.empty()))
        .isEqualTo(bench.encode(checkpoint(ChunkContent.empty()), options("none")));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100_000, 5 << 20})
  void comeBackAsTheyWereWhateverRoomTheCodecAsksFor(int spareOutput) {
    codec.spareOutput = spareOutput;
    List<byte[]> states = new ArrayList<>();
    Random random = new Random(7);
    for (int i = 0; i < 40; i++) {
      states.add(i % 5 == 4 ? Specification.lcg(random.nextInt(MIB), i) : runs(random, i + 1));
    }

    byte[] file = compressed(states.stream().map(ChunkContent::of).toArray(ChunkContent[]::new));

    CheckpointFile opened = bench.open(file, Bench.STRICT);
    assertThat(contents(opened)).usingElementComparator(Arrays::compare).isEqualTo(states);
    assertThat(opened.chunks())
        .filteredOn(layout -> layout.storedSize() < layout.declaredSize())
        .hasSize(32);
  }

  @Test
  void areTheSameWhetherInMemoryOrNot() {
    byte[] state = runs(new Random(1), 30);
    try (RemoteContent remote = new RemoteContent(state)) {
      byte[] file = compressed(remote);

      assertThat(file).isEqualTo(compressed(ChunkContent.of(state)));
      try (RemoteContent stored = new RemoteContent(file)) {
        assertThat(contents(bench.open(stored, Bench.STRICT)).get(0)).isEqualTo(state);
      }
    }
  }

  @Test
  void areToldWithTheLengthAndChecksumOfTheirRawBytes() {
    String raw =
        bench.text(bench.encode(checkpoint(ChunkContent.of(new byte[300])), options("none")));

    assertThat(bench.text(compressed(ChunkContent.of(new byte[300]))))
        .contains("usize 300 csize 6 ")
        .endsWith(raw.substring(raw.indexOf(" len 300 crc32")));
  }

  @Test
  void giveTheSameUncompressedFileBack() {
    byte[] original = Golden.RUNS.file();
    CheckpointFile file = bench.open(original, Bench.STRICT);
    EncodeOptions lz4 = Bench.version1().compression(Compression.of("lz4")).build();
    byte[] packed = bench.encode(file.checkpoint(() -> {}), lz4);

    CheckpointFile unpacked = bench.open(packed, Bench.STRICT);
    try (Checkpoint checkpoint = unpacked.checkpoint(() -> {})) {
      assertThat(packed).hasSizeLessThan(original.length);
      assertThat(bench.encode(checkpoint, Bench.version1().build())).isEqualTo(original);
    }
  }

  @Test
  void needTheirCodecWhenOpened() {
    byte[] file = compressed(ChunkContent.of(new byte[300]));

    try (Bench without = Bench.with()) {
      assertThatThrownBy(() -> without.open(file, Bench.STRICT))
          .isInstanceOf(CodecUnavailableException.class)
          .hasMessageContaining("compression code 1 (lz4)")
          .hasMessageContaining("ringkernel-checkpoint-compression-lz4");
    }
  }

  @Test
  void leaveNoCompressorBehindWhenCancelled() {
    try (RemoteContent remote = new RemoteContent(new byte[100 * MIB])) {
      BaseSubscriber<OwnedBuffer> subscriber = new BaseSubscriber<>() {};
      Version1Writer.encode(checkpoint(remote), options("lz4"), bench.workbench, written -> {})
          .subscribe(subscriber);
      Bench.eventually(() -> codec.open.get() == 1);

      subscriber.cancel();

      Bench.eventually(() -> codec.open.get() == 0);
      assertThat(remote.requests).hasSizeLessThan(100);
    }
  }

  @Test
  void leaveNoCompressorBehindWhenTheirContentFails() {
    AtomicInteger reads = new AtomicInteger();
    try (RemoteContent remote = new RemoteContent(new byte[8 * MIB])) {
      remote.fate =
          read ->
              reads.incrementAndGet() == 4
                  ? Mono.error(new IllegalStateException("device lost"))
                  : read;

      assertThatThrownBy(() -> compressed(remote)).hasMessage("device lost");
    }
  }

  private byte[] compressed(ChunkContent... contents) {
    return bench.encode(checkpoint(contents), options("lz4"));
  }

  private static List<byte[]> contents(CheckpointFile file) {
    try (Checkpoint checkpoint = file.checkpoint(() -> {})) {
      return checkpoint.chunks().stream().map(DataChunk::content).map(Bench::bytes).toList();
    }
  }

  private static byte[] runs(Random random, int size) {
    byte[] runs = new byte[size * 100_000];
    for (int i = 0; i < runs.length; ) {
      int end = Math.min(runs.length, i + 4 + random.nextInt(600));
      Arrays.fill(runs, i, end, (byte) random.nextInt());
      i = end;
    }
    return runs;
  }

  /** Whose frame is 64 bytes. */
  private static byte[] thirtyOneRuns(int size) {
    byte[] runs = new byte[size];
    for (int i = 0; i < size; i++) {
      runs[i] = (byte) Math.min(i / 2, 30);
    }
    return runs;
  }

  private static Checkpoint checkpoint(ChunkContent... contents) {
    List<DataChunk> chunks =
        Arrays.stream(contents).map(each -> DataChunk.of(ChunkType.CUSTOM, 1, each)).toList();
    return Checkpoint.of(CheckpointMetadata.builder("", "").build(), chunks, () -> {});
  }

  private static EncodeOptions options(String codec) {
    return Bench.version1().createdAtMicros(1).compression(Compression.of(codec)).build();
  }
}
