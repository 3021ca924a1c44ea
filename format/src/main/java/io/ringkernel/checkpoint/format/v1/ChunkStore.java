package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.wire.CompressionLevel;
import io.ringkernel.checkpoint.format.wire.Uncancellable;
import io.ringkernel.checkpoint.format.wire.Windows;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Decides how the chunks of one file are stored, one after the other: compressed or raw. */
final class ChunkStore {
  /** Below, a frame's own header and checksum take most of what it could save. */
  private static final int WORTH_A_FRAME = 64;

  private final Workbench workbench;
  private final @Nullable CompressionCodec codec;
  private final int level;
  private final FrameWriter frames = new FrameWriter();

  private ChunkStore(Workbench workbench, @Nullable CompressionCodec codec, int level) {
    this.workbench = workbench;
    this.codec = codec;
    this.level = level;
  }

  /**
   * For a new file.
   *
   * @param compression codec and level
   * @return the store, or why it can't be had
   */
  static Mono<ChunkStore> of(Compression compression, Workbench workbench) {
    if (compression.isNone()) {
      return Mono.just(new ChunkStore(workbench, null, 0));
    }
    return workbench
        .codec(codecs -> codecs.byName(compression.codec()))
        .map(
            codec -> {
              if (!Layout.isCompression(codec.code())) {
                throw new InvalidOptionException(
                    "compression",
                    "version 1 knows lz4 and zstd, not " + codec.name() + "; write version 2",
                    null);
              }
              return new ChunkStore(workbench, codec, CompressionLevel.of(compression, codec));
            });
  }

  Workbench workbench() {
    return workbench;
  }

  /** The code of what is compressed here. */
  int code() {
    return codec == null ? Layout.NO_COMPRESSION : codec.code();
  }

  /** How a chunk will stand in the file; compressed only where that makes it smaller. */
  Mono<StoredChunk> store(DataChunk chunk) {
    Mono<StoredChunk> raw = Mono.fromSupplier(() -> StoredChunk.raw(chunk, workbench));
    if (codec == null || chunk.size() < WORTH_A_FRAME) {
      return raw;
    }
    return Uncancellable.of(unwanted -> compress(chunk, codec, unwanted))
        .map(frame -> StoredChunk.compressed(chunk, frame))
        .switchIfEmpty(raw);
  }

  /** The chunk's frame; empty when it is no shorter than the chunk, or no longer wanted. */
  private Mono<List<ByteBuffer>> compress(
      DataChunk chunk, CompressionCodec codec, BooleanSupplier unwanted) {
    return Mono.using(
        () -> frames.start(chunk.size(), codec.frameCompressor(level)),
        frame ->
            Windows.of(chunk.content(), workbench)
                .doOnNext(window -> add(window, frame))
                .takeUntil(window -> !frame.helps() || unwanted.getAsBoolean())
                .then(
                    Mono.fromSupplier(
                        () -> {
                          if (frame.helps() && !unwanted.getAsBoolean()) {
                            return frame.finish();
                          }
                          frame.abandon();
                          return null;
                        })),
        FrameWriter.Frame::close);
  }

  private static void add(OwnedBuffer window, FrameWriter.Frame frame) {
    try (window) {
      frame.add(window.buffer());
    }
  }
}
