package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.BlockReferences;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.EncodedFile;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.WholeChunkDelta;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Writes immutable objects: a checkpoint encoded, or a file as it is. */
final class ObjectWriter {
  private static final int COPY_BYTES = 4 << 20;
  private static final int COPIES_IN_FLIGHT = 3;

  private final CheckpointStorage storage;
  private final CheckpointCodec codec;
  private final EncodeOptions encoding;
  private final long maxIndexWeight;

  /**
   * @param encoding how, but for object id and created_at, which each object has its own of
   * @param maxIndexWeight of indexes that are handed on to the next save
   */
  ObjectWriter(
      CheckpointStorage storage,
      CheckpointCodec codec,
      EncodeOptions encoding,
      long maxIndexWeight) {
    this.maxIndexWeight = maxIndexWeight;
    this.storage = storage;
    this.codec = codec;
    this.encoding = encoding;
  }

  /** How it encodes. */
  EncodeOptions encoding() {
    return encoding;
  }

  /**
   * Encodes a checkpoint into a new object.
   *
   * @param id the object's
   * @param checkpoint what to write
   * @param createdAtMicros what its file says; unsigned
   * @param base what it is compared with; null: everything is stored
   * @param captureKnowsBase whether the checkpoint was captured against that base
   */
  Mono<Written.WrittenObject> write(
      ObjectId id,
      Checkpoint checkpoint,
      long createdAtMicros,
      @Nullable BlockIndex base,
      boolean captureKnowsBase) {
    return Mono.defer(
        () -> {
          EncodeOptions.Builder options =
              EncodeOptions.builder()
                  .formatVersion(encoding.formatVersion())
                  .compression(encoding.compression())
                  .blockSize(encoding.blockSize())
                  .fingerprints(encoding.fingerprints())
                  .maxIndexWeight(maxIndexWeight)
                  .maxMetadataLength(encoding.maxMetadataLength())
                  .createdAtMicros(createdAtMicros)
                  .objectId(id);
          if (base != null) {
            options.references(BlockReferences.to(base, checkpoint.chunks(), captureKnowsBase));
          }
          AtomicReference<EncodedFile> written = new AtomicReference<>();
          FileStart start = new FileStart();
          Flux<OwnedBuffer> bytes = codec.encode(checkpoint, options.build(), written::set);
          return create(id, bytes.doOnNext(start::see))
              .map(
                  object ->
                      stored(id, written.get(), start, object, encoding.compression().codec()));
        });
  }

  private Mono<StoredObject> create(ObjectId id, Publisher<OwnedBuffer> bytes) {
    return storage.save(StoreNames.object(id), bytes, SaveOptions.onlyIfAbsent());
  }

  private Written.WrittenObject stored(
      ObjectId id,
      @Nullable EncodedFile written,
      FileStart start,
      StoredObject object,
      String codecName) {
    if (written == null) {
      throw new StorageException(
          "'" + object.name() + "': the storage did not read its content to the end", false, null);
    }
    requireSize(object, written.size());
    StoredFile file =
        new StoredFile(
            id,
            written.formatVersion(),
            written.ancestors().isEmpty() ? CheckpointKind.FULL : CheckpointKind.DELTA,
            written.rootHash(),
            written.formatVersion() == 1 ? start.headerCrc32() : null,
            written.size(),
            written.stateSize(),
            codecName,
            ids(written.ancestors()));
    return new Written.WrittenObject(file, written.newSize(), written.index());
  }

  private static List<ObjectId> ids(List<Ancestor> ancestors) {
    return ancestors.stream().map(Ancestor::id).toList();
  }

  /**
   * Copies a delta's stored blocks, wherever they are, into a new object that needs no other.
   *
   * @param id the object's
   * @param file the delta, opened
   * @param codecName by which the delta was compressed
   * @param passed told of each buffer's bytes as they pass; must not block
   */
  Mono<Written.WrittenObject> flatten(
      ObjectId id, CheckpointFile file, String codecName, LongConsumer passed) {
    return Mono.defer(
        () -> {
          AtomicReference<EncodedFile> written = new AtomicReference<>();
          Flux<OwnedBuffer> bytes =
              file.flattened(id, maxIndexWeight, written::set)
                  .doOnNext(owned -> passed.accept(owned.buffer().remaining()));
          return create(id, bytes)
              .map(object -> stored(id, written.get(), new FileStart(), object, codecName));
        });
  }

  /**
   * Copies a verified file into a new object.
   *
   * @param id the object's
   * @param content the file's bytes
   * @param file the same, opened
   */
  Mono<StoredFile> copy(ObjectId id, ChunkContent content, CheckpointFile file) {
    return Mono.defer(
        () -> {
          FileStart start = new FileStart();
          return create(id, bytes(content).doOnNext(start::see))
              .map(object -> copied(id, file, start, object));
        });
  }

  private static StoredFile copied(
      ObjectId id, CheckpointFile file, FileStart start, StoredObject object) {
    requireSize(object, file.size());
    int version = file.header().version();
    return new StoredFile(
        id,
        version,
        kind(version, file.metadata(), file.ancestors().isEmpty()),
        file.rootHash(),
        version == 1 ? start.headerCrc32() : null,
        file.size(),
        file.stateSize(),
        FileStart.codecName(file.header().compression()),
        ids(file.ancestors()));
  }

  /** Fresh memory for each piece: a transfer that is cancelled may still write into it. */
  private static Flux<OwnedBuffer> bytes(ChunkContent content) {
    Flux<Long> offsets =
        Flux.generate(
            () -> 0L,
            (offset, sink) -> {
              if (offset < content.size()) {
                sink.next(offset);
              } else {
                sink.complete();
              }
              return offset + COPY_BYTES;
            });
    return FirstFailure.inOrder(offsets, offset -> piece(content, offset), COPIES_IN_FLIGHT);
  }

  private static Mono<OwnedBuffer> piece(ChunkContent content, long offset) {
    return Mono.defer(
        () -> {
          int length = (int) Math.min(COPY_BYTES, content.size() - offset);
          ByteBuffer target = ByteBuffer.allocate(length);
          return content.read(offset, target).map(read -> OwnedBuffer.unpooled(target.flip()));
        });
  }

  private static void requireSize(StoredObject object, long written) {
    if (object.size() != written) {
      throw new StorageException(
          "'" + object.name() + "': of " + written + " bytes the storage kept " + object.size(),
          false,
          null);
    }
  }

  /** Whether a file stands alone. */
  static CheckpointKind kind(int version, CheckpointMetadata metadata, boolean withoutAncestors) {
    boolean alone =
        version == 1 ? WholeChunkDelta.parentDigest(metadata).isEmpty() : withoutAncestors;
    return alone ? CheckpointKind.FULL : CheckpointKind.DELTA;
  }
}
