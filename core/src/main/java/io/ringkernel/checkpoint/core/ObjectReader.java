package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Opens the files of objects, and refuses those that are not the ones their entries mean. */
final class ObjectReader {
  private static final int HEADER_SIZE = 64;

  private final CheckpointStorage storage;
  private final CheckpointCodec codec;
  private final DecodeOptions decoding;
  private final ReadSpeed speed;

  /**
   * @param decoding limits and leniency; ancestors are found in the store
   * @param speed takes note of how fast reads are
   */
  ObjectReader(
      CheckpointStorage storage, CheckpointCodec codec, DecodeOptions decoding, ReadSpeed speed) {
    this.storage = storage;
    this.codec = codec;
    this.decoding = decoding.toBuilder().ancestors(this::ancestor).build();
    this.speed = speed;
  }

  /**
   * A file and its bytes as they are stored.
   *
   * @param content the bytes
   * @param file the same, opened
   */
  record Raw(ChunkContent content, CheckpointFile file) {}

  /** An object as an entry tells it, to be copied. */
  Mono<Raw> raw(StoredFile meant) {
    return content(meant.objectId())
        .flatMap(content -> open(content, meant).map(file -> new Raw(content, file)));
  }

  /** An object of which nothing but its id is known, to be copied. */
  Mono<Raw> raw(ObjectId id) {
    return content(id).flatMap(content -> open(content).map(file -> new Raw(content, file)));
  }

  /** The bytes of an object. */
  Mono<StoredContent> content(ObjectId id) {
    return content(id, StoredContent.TAIL);
  }

  /** Of one that only blocks are read of. */
  private Mono<ChunkContent> ancestor(ObjectId id) {
    return content(id, StoredContent.TAIL_WITHOUT_PAGES).cast(ChunkContent.class);
  }

  private Mono<StoredContent> content(ObjectId id, int tailLength) {
    return StoredContent.open(storage, StoreNames.object(id), tailLength, speed);
  }

  /**
   * The block index of an object, and nothing else of it; the objects that it refers to are there.
   *
   * @param meant which object, as an entry tells it; of version 2
   * @param maxWeight the most memory it may take
   */
  Mono<BlockIndex> index(StoredFile meant, long maxWeight) {
    return open(meant).flatMap(file -> file.verifyAncestors().then(file.blockIndex(maxWeight)));
  }

  /** The file of an object of which nothing but its id is known. */
  Mono<CheckpointFile> open(ObjectId id) {
    return content(id).flatMap(this::open);
  }

  /** The file of an object. */
  Mono<CheckpointFile> open(StoredFile meant) {
    return content(meant.objectId()).flatMap(content -> open(content, meant));
  }

  /** A file of which nothing is known but its bytes. */
  Mono<CheckpointFile> open(ChunkContent content) {
    return codec.open(content, decoding);
  }

  /** The same, verified to its last byte. */
  Mono<CheckpointFile> verified(ChunkContent content) {
    return open(content)
        .flatMap(
            opened ->
                opened.header().version() == 1
                    ? Mono.just(opened)
                    : opened.verifyAll().thenReturn(opened));
  }

  /** Refuses an object that was written a moment ago and is not what it should be. */
  Mono<Void> requireReadable(StoredFile stored) {
    return open(stored).then();
  }

  /** The file that an object's bytes are, if it is the one that an entry was written for. */
  Mono<CheckpointFile> open(StoredContent content, StoredFile meant) {
    if (content.size() != meant.fileSize()) {
      return Mono.error(
          new CorruptCheckpointException(
              Math.min(content.size(), meant.fileSize()),
              "the object has " + content.size() + " bytes, its entry says " + meant.fileSize()));
    }
    Integer headerCrc32 = meant.headerCrc32();
    if (headerCrc32 != null) {
      return requireHeader(content, headerCrc32).then(open(content));
    }
    return open(content).doOnNext(file -> requireRoot(file, meant.rootHash()));
  }

  private static void requireRoot(CheckpointFile file, @Nullable RootHash meant) {
    if (!Objects.equals(meant, file.rootHash())) {
      throw new CorruptCheckpointException(
          0, "the object's root hash is " + file.rootHash() + ", its entry says " + meant);
    }
  }

  private static Mono<Void> requireHeader(StoredContent content, int meant) {
    return Mono.defer(
        () -> {
          ByteBuffer header = ByteBuffer.allocate(HEADER_SIZE);
          return content
              .read(0, header)
              .doOnNext(read -> requireHeader(header.flip(), meant))
              .then();
        });
  }

  private static void requireHeader(ByteBuffer header, int meant) {
    if (FileStart.crc32(header) != meant) {
      throw new CorruptCheckpointException(
          0, "the object's header is not the one that its entry was written for");
    }
  }
}
