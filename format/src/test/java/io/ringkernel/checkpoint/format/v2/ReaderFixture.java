package io.ringkernel.checkpoint.format.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** What readers need in tests, and a check that they gave everything back. */
final class ReaderFixture implements AfterEachCallback {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Of all tests: work that was cancelled may still run when its test is over. */
  private static final Scheduler IO = Schedulers.newBoundedElastic(4, 1000, "test-io", 60, true);

  private static final Scheduler WORKERS = Schedulers.newParallel("test-codec", 2, true);

  final RunLengthCodec codec = new RunLengthCodec();
  final Workbench workbench = workbench(CompressionCodecs.of(codec));

  static Workbench workbench(CompressionCodecs codecs) {
    return new Workbench(
        WORKERS,
        2,
        new BufferPool(Workbench.BATCH_BYTES + Workbench.BATCH_OVERHEAD, 16 << 20),
        codecs);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    awaitZero(workbench.buffers()::open, "buffers not given back");
    awaitZero(codec.open::get, "decompressors not closed");
  }

  /** What was cancelled ends in its own time. */
  static void awaitZero(IntSupplier count, String what) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (count.getAsInt() != 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(count.getAsInt()).as(what).isZero();
  }

  FileOnDisk onDisk(byte[] bytes) {
    return new FileOnDisk(bytes, IO);
  }

  CheckpointFile open(byte[] bytes) {
    return open(ChunkContent.of(bytes), DecodeOptions.defaults());
  }

  CheckpointFile open(ChunkContent file, DecodeOptions options) {
    return Objects.requireNonNull(
        Version2Reader.open(file, options, workbench).block(PATIENCE), "nothing was opened");
  }

  /** What opening and verifying everything ends with; null when all is well. */
  Throwable verify(byte[] bytes) {
    return failure(
        Version2Reader.open(ChunkContent.of(bytes), DecodeOptions.defaults(), workbench)
            .flatMap(CheckpointFile::verifyAll));
  }

  static Throwable failure(Mono<?> work) {
    return catchThrowable(() -> work.block(PATIENCE));
  }

  static CorruptCheckpointException corruption(Mono<?> work) {
    Throwable failure = failure(work);
    assertThat(failure).isInstanceOf(CorruptCheckpointException.class);
    return (CorruptCheckpointException) failure;
  }

  static byte[] read(DataChunk chunk) {
    return read(chunk, 0, (int) chunk.size());
  }

  static byte[] read(DataChunk chunk, long offset, int length) {
    ByteBuffer target = ByteBuffer.allocateDirect(length + 7).position(7);
    int read = Objects.requireNonNull(chunk.content().read(offset, target).block(PATIENCE));
    assertThat(target.position()).isEqualTo(7 + read);
    byte[] bytes = new byte[read];
    target.get(7, bytes);
    return bytes;
  }

  /** Equal, without a page of numbers when they are not. */
  static void assertSame(byte[] found, byte[] expected) {
    assertThat(Arrays.mismatch(found, expected)).as("first byte that differs").isEqualTo(-1);
  }
}
