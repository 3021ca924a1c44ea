package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.WriterFixture.bytes;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.checkpoint;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.region;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.EncodedFile;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Very many chunks, very large ones, and many workers. */
class Version2WriterScaleTest {
  private static final long GIB = 1L << 30;

  /** Zeros without end, in host memory of 1 MiB. */
  private record Nothing(long size) implements ChunkContent {
    private static final ByteBuffer ZEROS = ByteBuffer.allocate(Workbench.BATCH_BYTES);

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return Mono.error(new AssertionError("there is a window"));
    }

    @Override
    public ByteBuffer view(long offset, int length) {
      return ZEROS.slice(0, Math.min(length, ZEROS.capacity()));
    }
  }

  @Test
  void sixtyFourGibibytesOfZerosTakeNextToNothing() {
    try (WriterFixture fixture = new WriterFixture(2)) {
      DataChunk chunk = DataChunk.region("a", new Nothing(64 * GIB));
      EncodeOptions options = EncodeOptions.builder().blockSize(Workbench.BATCH_BYTES).build();
      byte[] file =
          fixture
              .encode(checkpoint(chunk), options)
              .collect(ByteArrayOutputStream::new, WriterFixture::append)
              .map(ByteArrayOutputStream::toByteArray)
              .block(Duration.ofMinutes(5));
      EncodedFile written = fixture.written.get();
      assertThat(written.stateSize()).isEqualTo(64 * GIB);
      assertThat(written.zeroBlocks()).isEqualTo(written.blocks()).isEqualTo(64 << 10);
      assertThat(written.storedSize()).isZero();
      assertThat(file).hasSizeLessThan(2000);
      assertThat(new WrittenFile(file).pages.get(0)).hasSize(16);
    }
  }

  /** Counts the tasks that a scheduler is given. */
  private static final class Counting implements Scheduler {
    final AtomicInteger tasks = new AtomicInteger();
    private final Scheduler by = Schedulers.newParallel("counting", 2, true);

    @Override
    public Disposable schedule(Runnable task) {
      tasks.incrementAndGet();
      return by.schedule(task);
    }

    @Override
    public Worker createWorker() {
      return by.createWorker();
    }

    @Override
    public void dispose() {
      by.dispose();
    }

    @Override
    public boolean isDisposed() {
      return by.isDisposed();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", DeflateCodec.NAME})
  void tenThousandLittleChunksAreAFewTasksAndPieces(String compression) {
    Counting workers = new Counting();
    try (WriterFixture fixture = new WriterFixture(2, workers)) {
      List<DataChunk> chunks =
          IntStream.range(0, 10_000)
              .mapToObj(i -> DataChunk.of(ChunkType.CUSTOM, i, ChunkContent.of(little(i))))
              .toList();
      EncodeOptions options =
          EncodeOptions.builder().compression(Compression.of(compression)).build();
      AtomicInteger pieces = new AtomicInteger();
      byte[] bytes =
          bytes(
              fixture
                  .encode(checkpoint(chunks), options)
                  .doOnNext(piece -> pieces.incrementAndGet()));
      WrittenFile file = new WrittenFile(bytes);
      for (int i = 0; i < 10_000; i++) {
        assertThat(file.raw(i)).isEqualTo(little(i));
      }
      assertThat(workers.tasks).hasValueLessThan(100);
      assertThat(pieces).hasValueLessThan(100);
    }
  }

  private static byte[] little(int i) {
    byte[] bytes = new byte[i % 50];
    Arrays.fill(bytes, (byte) i);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 16})
  void keepsTheOrderWhateverTheNumberOfWorkers(int parallelism) {
    try (WriterFixture fixture = new WriterFixture(parallelism)) {
      byte[] state =
          Bytes.join(
              Bytes.runs(4 << 20, 1),
              Bytes.random(3 << 20, 2),
              new byte[5 << 20],
              Bytes.random(1 << 20, 3),
              Bytes.runs(6 << 20, 4));
      EncodeOptions options =
          EncodeOptions.builder().compression(Compression.of(DeflateCodec.NAME)).build();
      WrittenFile file =
          fixture.write(
              checkpoint(region("a", state), DataChunk.region("b", new CountingContent(state))),
              options);
      assertThat(Arrays.equals(file.raw(0), state)).isTrue();
      assertThat(Arrays.equals(file.raw(1), state)).isTrue();
      assertThat(file.blocks()).isSortedAccordingTo(Version2WriterScaleTest::byChunkAndNumber);
      fixture.assertNothingIsHeld();
    }
  }

  private static int byChunkAndNumber(WrittenFile.Section a, WrittenFile.Section b) {
    int byChunk = Integer.compare(a.header().chunk(), b.header().chunk());
    return byChunk != 0 ? byChunk : Integer.compare(a.header().number(), b.header().number());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 16, 128})
  void batchesInFlightStayWithinTheBudget(int parallelism) {
    Checkpoint onHost = checkpoint(region("a", new byte[1]));
    Checkpoint onDevice = checkpoint(DataChunk.region("a", new CountingContent(new byte[1])));
    try (WriterFixture fixture = new WriterFixture(parallelism)) {
      for (int blockSize = 4096; blockSize <= 16 << 20; blockSize *= 2) {
        for (String compression : List.of("none", DeflateCodec.NAME)) {
          EncodeOptions options =
              EncodeOptions.builder()
                  .blockSize(blockSize)
                  .compression(Compression.of(compression))
                  .build();
          EncodeSettings host = EncodeSettings.of(onHost, options, fixture.workbench);
          EncodeSettings device = EncodeSettings.of(onDevice, options, fixture.workbench);
          long output = compression.equals("none") ? 0 : host.batchBytes();
          assertThat(host.window()).isPositive();
          assertThat(host.window() * output).isLessThanOrEqualTo(40 << 20);
          assertThat(device.window()).isPositive();
          assertThat(device.window() * (device.batchBytes() + output))
              .isLessThanOrEqualTo(40 << 20);
        }
      }
    }
  }
}
