package io.ringkernel.checkpoint.format.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.v1.HandMadeFile.Chunk;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The content of a compressed chunk. */
class FrameContentTest {
  private static final int SIZE = 3_000_000;

  private final RunLengthCodec codec = new RunLengthCodec(1);
  private final Bench bench = Bench.with(codec);
  private final byte[] raw = raw();
  private final byte[] frame = frame(raw);

  @AfterEach
  void giveBack() {
    Bench.eventually(() -> codec.open.get() == 0);
    bench.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isDecompressedOnceWhenReadPieceByPiece(boolean remote) {
    try (RemoteContent stored = new RemoteContent(file(SIZE, frame));
        Checkpoint checkpoint = open(remote ? stored : ChunkContent.of(file(SIZE, frame)))) {
      ChunkContent content = checkpoint.chunks().get(0).content();
      byte[] all = new byte[SIZE];
      for (int offset = 0; offset < SIZE; offset += 10_007) {
        byte[] piece = Bench.read(content, offset, Math.min(10_007, SIZE - offset));
        System.arraycopy(piece, 0, all, offset, piece.length);
      }

      assertThat(all).isEqualTo(raw);
      assertThat(codec.consumed.get()).isEqualTo(frame.length);
    }
  }

  @Test
  void isReadInAnyOrder() {
    Random random = new Random(1);
    try (Checkpoint checkpoint = open(ChunkContent.of(file(SIZE, frame)))) {
      ChunkContent content = checkpoint.chunks().get(0).content();
      for (int i = 0; i < 100; i++) {
        int offset = random.nextInt(SIZE);
        int length = random.nextInt(SIZE - offset + 1);

        assertThat(Bench.read(content, offset, length))
            .isEqualTo(Arrays.copyOfRange(raw, offset, offset + length));
      }
    }
  }

  @Test
  void keepsAPlaceForEachOfAFewReadersThatTakeTurns() {
    try (Checkpoint checkpoint = open(ChunkContent.of(file(SIZE, frame)))) {
      ChunkContent content = checkpoint.chunks().get(0).content();
      for (int offset = 0; offset < 1_000_000; offset += 100_000) {
        Bench.read(content, offset, 100_000);
        Bench.read(content, offset + 1_500_000, 100_000);
      }

      assertThat(codec.consumed.get()).isLessThan(frame.length * 2L);
    }
  }

  @Test
  void isReadByManyAtOnce() {
    try (Checkpoint checkpoint = open(ChunkContent.of(file(SIZE, frame)))) {
      ChunkContent content = checkpoint.chunks().get(0).content();

      Long different =
          Flux.range(0, 64)
              .flatMap(
                  i -> {
                    ByteBuffer target = ByteBuffer.allocate(200_000);
                    int offset = i * 40_000;
                    return content
                        .read(offset, target)
                        .map(count -> !target.flip().equals(ByteBuffer.wrap(raw, offset, count)));
                  },
                  16)
              .filter(differs -> differs)
              .count()
              .block(Bench.PATIENCE);

      assertThat(different).isZero();
    }
  }

  @Test
  void endsAtItsSize() {
    try (Checkpoint checkpoint = open(ChunkContent.of(file(SIZE, frame)))) {
      ChunkContent content = checkpoint.chunks().get(0).content();

      assertThat(content.size()).isEqualTo(SIZE);
      assertThat(Bench.read(content, SIZE - 5L, 100))
          .isEqualTo(Arrays.copyOfRange(raw, SIZE - 5, SIZE));
      assertThat(Bench.read(content, SIZE, 100)).isEmpty();
      assertThatThrownBy(() -> Bench.read(content, SIZE + 1L, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> Bench.read(content, -1, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void leavesNoDecompressorOpenOnceItsCheckpointIsClosed() {
    Checkpoint checkpoint = open(ChunkContent.of(file(SIZE, frame)));
    ChunkContent content = checkpoint.chunks().get(0).content();
    Bench.read(content, 0, 100);
    assertThat(codec.open.get()).isEqualTo(1);

    checkpoint.close();

    assertThat(codec.open.get()).isZero();
  }

  @Test
  void keepsAFewDecompressorsAtMost() {
    HandMadeFile file = new HandMadeFile();
    file.compression = 1;
    for (int i = 0; i < 20; i++) {
      file.chunks.add(new Chunk(5, 0, SIZE, frame.length, i, frame));
    }
    try (Checkpoint checkpoint = open(ChunkContent.of(file.bytes()))) {
      checkpoint.chunks().forEach(chunk -> Bench.read(chunk.content(), 0, 100));

      assertThat(codec.open.get()).isBetween(1, 4);
    }
  }

  @Test
  void leavesNoDecompressorOpenWhenReadWithoutACheckpoint() {
    CheckpointFile file = bench.open(file(SIZE, frame), Bench.STRICT);

    Bench.read(file.chunks().get(0).chunk().content(), 0, 100);

    assertThat(codec.open.get()).isZero();
  }

  @Test
  void staysUsableWhenAReadIsCancelled() {
    try (RemoteContent stored = new RemoteContent(file(SIZE, frame));
        Checkpoint checkpoint = open(stored)) {
      ChunkContent content = checkpoint.chunks().get(0).content();
      stored.requests.clear();
      stored.fate = read -> Mono.delay(Duration.ofMillis(20)).then(read);
      Disposable reading = content.read(0, ByteBuffer.allocate(SIZE)).subscribe();
      Bench.eventually(() -> !stored.requests.isEmpty());

      reading.dispose();

      assertThat(Bench.read(content, 0, SIZE)).isEqualTo(raw);
    }
  }

  @Test
  void failsAsItsSourceFailsAndRecoversWithIt() {
    try (RemoteContent stored = new RemoteContent(file(SIZE, frame));
        Checkpoint checkpoint = open(stored)) {
      ChunkContent content = checkpoint.chunks().get(0).content();
      stored.fate = read -> Mono.error(new IllegalStateException("connection lost"));
      assertThatThrownBy(() -> Bench.read(content, 0, 10)).hasMessage("connection lost");

      stored.fate = read -> read;

      assertThat(Bench.read(content, 0, 10)).isEqualTo(Arrays.copyOf(raw, 10));
    }
  }

  @Test
  void acceptsFramesOneAfterTheOther() {
    byte[] frames = {9, 'a', 0, 0, 3, 'b', 0, 0, 0, 0};

    try (Checkpoint checkpoint = open(ChunkContent.of(file(12, frames)))) {
      assertThat(Bench.bytes(checkpoint.chunks().get(0).content()))
          .asString()
          .isEqualTo("aaaaaaaaabbb");
    }
  }

  @Test
  void isCorruptWhenTheFrameHoldsMoreThanTold() {
    corrupt(301, RunLengthCodec.frame(255, 'a', 47, 'b'), 6, "more than the 301 bytes declared");
  }

  @Test
  void isCorruptWhenAFurtherFrameHoldsMoreThanTold() {
    byte[] frames = Arrays.copyOf(RunLengthCodec.frame(255, 'a'), 8);
    frames[4] = 1;

    corrupt(255, frames, 8, "more than the 255 bytes declared");
  }

  @Test
  void isCorruptWhenTheFrameHoldsLessThanTold() {
    corrupt(303, RunLengthCodec.frame(255, 'a', 47, 'b'), 6, "ends after 302 of 303 bytes");
  }

  @Test
  void isCorruptWhenTheFrameIsCut() {
    corrupt(
        302, new byte[] {-1, 'a', 47, 'b'}, 4, "ends after 302 of 302 bytes, or within a frame");
    corrupt(302, new byte[] {}, 0, "ends after 0 of 302 bytes");
  }

  @Test
  void isCorruptWhereTheCodecSaysSo() {
    corrupt(302, new byte[] {-1, 'a', 0, 'b', 0, 0}, 3, "a run of no bytes");
  }

  @Test
  void isCorruptOnlyWhereItIsReadToTheEnd() {
    byte[] tooLong = RunLengthCodec.frame(255, 'a', 47, 'b');
    try (Checkpoint checkpoint = open(ChunkContent.of(file(301, tooLong)))) {
      ChunkContent content = checkpoint.chunks().get(0).content();

      assertThat(Bench.read(content, 0, 300)).hasSize(300);
      assertThatThrownBy(() -> Bench.read(content, 300, 1))
          .isInstanceOf(CorruptCheckpointException.class);
    }
  }

  private void corrupt(long size, byte[] frame, long offset, String reason) {
    HandMadeFile made = handMade(size, frame);
    int data = made.chunkAt(0) + 32;
    CheckpointFile file = bench.open(made.bytes(), Bench.STRICT);

    assertThatThrownBy(() -> Bench.lines(file))
        .isInstanceOfSatisfying(
            CorruptCheckpointException.class,
            e -> {
              assertThat(e.reason()).startsWith("chunk 0 (device-memory ").contains(reason);
              assertThat(e.offset()).isEqualTo(data + offset);
            });
    assertThatThrownBy(() -> file.verifyAll().block(Bench.PATIENCE))
        .isInstanceOf(CorruptCheckpointException.class);
  }

  private Checkpoint open(ChunkContent file) {
    Checkpoint checkpoint = bench.open(file, Bench.STRICT).checkpoint(() -> {});
    codec.consumed.set(0);
    return checkpoint;
  }

  private static HandMadeFile handMade(long size, byte[] frame) {
    HandMadeFile file = new HandMadeFile();
    file.compression = 1;
    file.chunks.add(new Chunk(5, 0, size, frame.length, 0, frame));
    return file;
  }

  private static byte[] file(long size, byte[] frame) {
    return handMade(size, frame).bytes();
  }

  /** Runs of 1 to 12 bytes, so that a frame is some hundred KiB. */
  private static byte[] raw() {
    byte[] raw = new byte[SIZE];
    Random random = new Random(5);
    for (int i = 0; i < SIZE; ) {
      int end = Math.min(SIZE, i + 1 + random.nextInt(12));
      Arrays.fill(raw, i, end, (byte) i);
      i = end;
    }
    return raw;
  }

  private static byte[] frame(byte[] raw) {
    RunLengthCodec codec = new RunLengthCodec(1);
    ByteBuffer target = ByteBuffer.allocate(raw.length * 2 + 2);
    codec.frameCompressor(1).compress(ByteBuffer.wrap(raw), target, true);
    return Bench.copy(target.flip());
  }
}
