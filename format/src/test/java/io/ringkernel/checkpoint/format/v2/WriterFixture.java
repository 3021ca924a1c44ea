package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.EncodedFile;
import io.ringkernel.checkpoint.format.wire.Workbench;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A workbench whose memory and compressors are counted, and short ways to write with it. */
final class WriterFixture implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  final DeflateCodec codec = new DeflateCodec();
  final BufferPool buffers =
      new BufferPool(Workbench.BATCH_BYTES + Workbench.BATCH_OVERHEAD, 48L << 20);
  final Scheduler workers;
  final Workbench workbench;
  final AtomicReference<EncodedFile> written = new AtomicReference<>();

  WriterFixture(int parallelism) {
    this(parallelism, Schedulers.newParallel("writer-test", parallelism, true));
  }

  WriterFixture(int parallelism, Scheduler workers) {
    this.workers = workers;
    workbench = new Workbench(workers, parallelism, buffers, CompressionCodecs.of(codec));
  }

  @Override
  public void close() {
    workers.dispose();
  }

  /** Whatever ended, nothing is held any more, or will not be in a moment. */
  void assertNothingIsHeld() {
    Patience.until(
        "all memory and compressors are given back",
        () -> buffers.open() == 0 && codec.open.get() == 0);
  }

  static Checkpoint checkpoint(DataChunk... chunks) {
    return checkpoint(List.of(chunks));
  }

  static Checkpoint checkpoint(List<DataChunk> chunks) {
    return Checkpoint.of(
        CheckpointMetadata.builder("kernel", "wave").step(7).createdAtMicros(123).build(),
        chunks,
        () -> {});
  }

  static DataChunk region(String name, byte[] bytes) {
    return DataChunk.region(name, ChunkContent.of(bytes));
  }

  Flux<OwnedBuffer> encode(Checkpoint checkpoint, EncodeOptions options) {
    return Version2Writer.encode(checkpoint, options, workbench, written::set);
  }

  /** The file, taken apart. */
  WrittenFile write(Checkpoint checkpoint, EncodeOptions options) {
    return new WrittenFile(bytes(encode(checkpoint, options)));
  }

  /** All bytes, in one array. */
  static byte[] bytes(Flux<OwnedBuffer> encoded) {
    return encoded
        .collect(ByteArrayOutputStream::new, WriterFixture::append)
        .map(ByteArrayOutputStream::toByteArray)
        .block(PATIENCE);
  }

  static void append(ByteArrayOutputStream out, OwnedBuffer piece) {
    ByteBuffer from = piece.buffer();
    byte[] copy = new byte[from.remaining()];
    from.duplicate().get(copy);
    out.writeBytes(copy);
    piece.close();
  }
}
