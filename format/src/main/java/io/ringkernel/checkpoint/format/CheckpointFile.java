package io.ringkernel.checkpoint.format;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.OwnedBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * An open file of either version: header, metadata and index are read and verified; the chunks'
 * bytes are read on demand.
 *
 * <p>Opening a version 1 file reads all of it once, since its one checksum covers everything.
 */
public interface CheckpointFile {
  /** The header, as it stands there. */
  FileHeader header();

  /** The metadata of the checkpoint. */
  CheckpointMetadata metadata();

  /** Its chunks, in order; immutable. */
  List<ChunkLayout> chunks();

  /** Bytes of the whole file. */
  long size();

  /** Bytes of state: the sum of the chunks' raw sizes, whatever they take in the file. */
  default long stateSize() {
    return chunks().stream().mapToLong(layout -> layout.chunk().size()).sum();
  }

  /** Bytes in a block; 0 in version 1. */
  int blockSize();

  /** Names the file; null in version 1. */
  @Nullable ObjectId objectId();

  /** Pins the file; null in version 1. */
  @Nullable RootHash rootHash();

  /** The files its blocks refer to; empty for a full one and in version 1; immutable. */
  List<Ancestor> ancestors();

  /** How its blocks are fingerprinted; empty in version 1. */
  Optional<FingerprintAlgorithm> fingerprints();

  /**
   * The state. Contents read from the file lazily, and verify what they read before they give it.
   *
   * @param onClose run once when the checkpoint is closed; must not block
   */
  Checkpoint checkpoint(Runnable onClose);

  /**
   * Where a block is stored.
   *
   * @param chunkIndex 0 to {@code chunks().size() - 1}
   * @param block 0 to {@code chunks().get(chunkIndex).blocks() - 1}
   * @return its location; an error in version 1, which has no blocks
   */
  Mono<BlockLocation> locate(int chunkIndex, long block);

  /**
   * Reads and verifies the whole index, and keeps it in memory.
   *
   * @param maxWeight the most bytes it may take there
   * @return the index; empty in version 1, which has none; {@link
   *     io.ringkernel.checkpoint.error.LimitExceededException} when it would take more
   */
  Mono<BlockIndex> blockIndex(long maxWeight);

  /**
   * The same checkpoint as a file that refers to no other: the stored blocks of this one and of its
   * ancestors, copied as they are. Each is verified by the checksum that covers its stored bytes,
   * and none is decompressed.
   *
   * @param id the new file's
   * @param maxIndexWeight as with {@link EncodeOptions#maxIndexWeight}
   * @param written called just before the bytes complete; must not block
   * @return the file's bytes in order, as demanded; each buffer is the subscriber's, and may as
   *     well be dropped. An error in version 1, where nothing refers to another file
   */
  Flux<OwnedBuffer> flattened(ObjectId id, long maxIndexWeight, Consumer<EncodedFile> written);

  /**
   * Reads and verifies the rest of the index; with it, everything but the blocks is known to be
   * whole.
   */
  Mono<Void> verifyIndex();

  /**
   * Checks that every file which has blocks of this one is there, and is the one that this was made
   * from. Their outlines are read, not their blocks.
   *
   * @return empty when all are there; {@link io.ringkernel.checkpoint.error.BaseMismatchException}
   *     for one that is not
   */
  Mono<Void> verifyAncestors();

  /**
   * Reads and verifies, against checksums and fingerprints, every byte of this file, the blocks
   * that it refers to in other files, and the outlines of those files.
   *
   * @return empty when all is as written; {@link
   *     io.ringkernel.checkpoint.error.CorruptCheckpointException} for the first that is not
   */
  Mono<Void> verifyAll();

  /**
   * Reads and verifies every byte of this file, and none of the blocks that it refers to in others.
   * A copy of the file needs this: its ancestors are copied and verified each by itself.
   *
   * @return empty when all is as written; {@link
   *     io.ringkernel.checkpoint.error.CorruptCheckpointException} for the first that is not
   */
  Mono<Void> verifyOwnBytes();
}
