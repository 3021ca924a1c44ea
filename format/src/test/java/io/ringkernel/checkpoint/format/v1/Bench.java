package io.ringkernel.checkpoint.format.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.CheckpointText;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Threads, memory and codecs for a test; closing it fails when memory was not given back. */
final class Bench implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);
  static final DecodeOptions STRICT = DecodeOptions.defaults();
  static final DecodeOptions LENIENT = DecodeOptions.builder().lenient(true).build();

  final Workbench workbench;

  Bench(Scheduler workers, CompressionCodecs codecs) {
    workbench =
        new Workbench(
            workers,
            2,
            new BufferPool(Workbench.BATCH_BYTES + Workbench.BATCH_OVERHEAD, 8 << 20),
            codecs);
  }

  static Bench with(CompressionCodecProvider... codecs) {
    return new Bench(Schedulers.newParallel("rkcp-test", 2, true), CompressionCodecs.of(codecs));
  }

  static EncodeOptions.Builder version1() {
    return EncodeOptions.builder().formatVersion(1);
  }

  byte[] encode(Checkpoint checkpoint, EncodeOptions options) {
    return join(Version1Writer.encode(checkpoint, options, workbench, written -> {}));
  }

  CheckpointFile open(byte[] file, DecodeOptions options) {
    return open(ChunkContent.of(file), options);
  }

  CheckpointFile open(ChunkContent file, DecodeOptions options) {
    return Version1Reader.open(file, options, workbench).blockOptional(PATIENCE).orElseThrow();
  }

  /** What a leniently read file says, a line each with its end. */
  String text(byte[] file) {
    return text(open(file, LENIENT));
  }

  static String text(CheckpointFile file) {
    return String.join("", lines(file).stream().map(line -> line + "\n").toList());
  }

  static List<String> lines(CheckpointFile file) {
    return CheckpointText.lines(file).collectList().blockOptional(PATIENCE).orElseThrow();
  }

  static byte[] join(Flux<OwnedBuffer> buffers) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    buffers
        .doOnNext(
            owned -> {
              try (owned) {
                all.writeBytes(copy(owned.buffer()));
              }
            })
        .blockLast(PATIENCE);
    return all.toByteArray();
  }

  static byte[] bytes(ChunkContent content) {
    return read(content, 0, (int) content.size());
  }

  static byte[] read(ChunkContent content, long offset, int length) {
    ByteBuffer target = ByteBuffer.allocate(length);
    Mono<Integer> read = content.read(offset, target);
    int count = read.blockOptional(PATIENCE).orElseThrow();
    assertThat(target.position()).isEqualTo(count);
    return copy(target.flip());
  }

  static byte[] copy(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** Waits until something holds that another thread brings about. */
  static void eventually(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  @Override
  public void close() {
    try {
      eventually(() -> workbench.buffers().open() == 0);
    } finally {
      // Gracefully: a task that is just being handed over must not find the door closed.
      workbench.workers().disposeGracefully().block(PATIENCE);
    }
  }
}
