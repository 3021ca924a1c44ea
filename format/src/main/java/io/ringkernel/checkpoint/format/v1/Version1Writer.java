package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.EncodedFile;
import io.ringkernel.checkpoint.format.wire.ByteWriter;
import io.ringkernel.checkpoint.format.wire.MetadataRecord;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Writes files of version 1, byte for byte as the reference does.
 *
 * <pre>
 * file  = header, u32 metadata length, metadata, chunk*
 * chunk = 32 bytes of header, compressed_size bytes
 * </pre>
 *
 * The header comes first and holds the checksum of all that follows, so the state is read twice:
 * once for the checksum, and once to be given out. What is compressed is kept in memory between the
 * two.
 *
 * <p>The format has no place for the names of regions: only their hashes are kept.
 */
public final class Version1Writer {
  private Version1Writer() {}

  /**
   * Writes a checkpoint.
   *
   * <p>The header names a codec only where a chunk is compressed by it: state that compressing does
   * not make smaller gives the same bytes as without.
   *
   * @param checkpoint what to write
   * @param options how
   * @param workbench threads, memory and codecs
   * @param written told just before the bytes complete
   */
  public static Flux<OwnedBuffer> encode(
      Checkpoint checkpoint,
      EncodeOptions options,
      Workbench workbench,
      Consumer<EncodedFile> written) {
    return Flux.defer(
        () -> {
          if (options.references() != null) {
            throw new InvalidOptionException(
                "references",
                "a version 1 file can't refer to blocks of another; write version 2",
                null);
          }
          ByteBuffer metadata = metadata(checkpoint, options);
          requireRoom(checkpoint, metadata.remaining());
          return ChunkStore.of(options.compression(), workbench)
              .flatMap(store -> plan(checkpoint, options, metadata, store))
              .flatMapMany(plan -> plan.bytes(written));
        });
  }

  private static ByteBuffer metadata(Checkpoint checkpoint, EncodeOptions options) {
    ByteBuffer record = MetadataRecord.encode(checkpoint.metadata(), options.maxMetadataLength());
    return new ByteWriter(Integer.BYTES + record.remaining())
        .u32(record.remaining())
        .bytes(record)
        .view();
  }

  /** Decided from the raw sizes, so that it does not hang on how well they compress. */
  private static void requireRoom(Checkpoint checkpoint, int metadataLength) {
    long total = (long) Layout.TOLD_HEADER_SIZE + metadataLength;
    for (DataChunk chunk : checkpoint.chunks()) {
      long room = Layout.MAX_TOTAL_SIZE - total - Layout.CHUNK_HEADER_LENGTH;
      if (chunk.size() > room) {
        throw new LimitExceededException(
            "the size of a version 1 file with "
                + chunk
                + ", behind "
                + total
                + " bytes: the chunk's size",
            chunk.size(),
            Math.max(0, room),
            "write version 2, which has no such limit");
      }
      total += Layout.CHUNK_HEADER_LENGTH + chunk.size();
    }
  }

  private static Mono<FilePlan> plan(
      Checkpoint checkpoint, EncodeOptions options, ByteBuffer metadata, ChunkStore store) {
    return Mono.defer(
            () -> {
              CRC32 checksum = new CRC32();
              checksum.update(metadata.duplicate());
              return Flux.fromIterable(checkpoint.chunks())
                  .concatMap(store::store, 1)
                  .concatMap(chunk -> summed(chunk, checksum), 1)
                  .collectList()
                  .map(
                      chunks ->
                          new FilePlan(
                              metadata,
                              chunks,
                              compression(chunks, store),
                              (int) checksum.getValue(),
                              createdAt(checkpoint, options)));
            })
        .subscribeOn(store.workbench().workers());
  }

  private static Mono<StoredChunk> summed(StoredChunk chunk, CRC32 checksum) {
    return Mono.defer(
        () -> {
          checksum.update(chunk.entry().encode());
          return chunk.payload().doOnNext(part -> sum(part, checksum)).then(Mono.just(chunk));
        });
  }

  private static void sum(OwnedBuffer part, CRC32 checksum) {
    try (part) {
      checksum.update(part.buffer());
    }
  }

  private static int compression(List<StoredChunk> chunks, ChunkStore store) {
    return chunks.stream().anyMatch(StoredChunk::isCompressed)
        ? store.code()
        : Layout.NO_COMPRESSION;
  }

  private static long createdAt(Checkpoint checkpoint, EncodeOptions options) {
    Long asked = options.createdAtMicros();
    if (asked != null) {
      return asked;
    }
    long known = checkpoint.metadata().createdAtMicros();
    return known != 0 ? known : ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
