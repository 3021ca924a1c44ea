package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.BlockReferences;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.wire.CompressionLevel;
import io.ringkernel.checkpoint.format.wire.Workbench;
import org.jspecify.annotations.Nullable;

/**
 * What all parts of one attempt to write go by.
 *
 * @param kernelId for messages
 * @param blockSize raw bytes of every block but a chunk's last
 * @param algorithm of the fingerprints
 * @param codec null: every block is stored as it is
 * @param level for {@code codec}
 * @param references blocks that need not be stored; null: a full file
 * @param inHostMemory whether no content must be read into memory of ours
 * @param workbench where the work is done
 */
record EncodeSettings(
    String kernelId,
    int blockSize,
    FingerprintAlgorithm algorithm,
    @Nullable CompressionCodec codec,
    int level,
    @Nullable BlockReferences references,
    boolean inHostMemory,
    Workbench workbench) {
  /**
   * Memory for batches between content and consumer: with the pages of the index, what is in the
   * consumer's hands and the codec's own state it stays within 64 MiB.
   */
  private static final long BATCH_BUDGET = 40L << 20;

  /** Looks the codec up, which may block. */
  static EncodeSettings of(Checkpoint checkpoint, EncodeOptions options, Workbench workbench) {
    Compression compression = options.compression();
    CompressionCodec codec =
        compression.isNone()
            ? null
            : workbench.codecNow(installed -> installed.byName(compression.codec()));
    return new EncodeSettings(
        checkpoint.metadata().kernelId(),
        options.blockSize(),
        options.fingerprints(),
        codec,
        codec == null ? 0 : CompressionLevel.of(compression, codec),
        options.references(),
        checkpoint.chunks().stream().allMatch(EncodeSettings::isInHostMemory),
        workbench);
  }

  private static boolean isInHostMemory(DataChunk chunk) {
    return chunk.size() == 0 || chunk.content().view(0, 1) != null;
  }

  /** The code for the header. */
  int compressionCode() {
    return codec == null ? 0 : codec.code();
  }

  /** Raw bytes of a batch, unless one block is more. */
  int batchBytes() {
    return Math.max(blockSize, Workbench.BATCH_BYTES);
  }

  /**
   * Batches in flight: two for each worker and a few that wait for their turn, fewer when that
   * would not fit the budget.
   */
  int window() {
    int buffers = (inHostMemory ? 0 : 1) + (codec == null ? 0 : 1);
    long most = Math.max(1L, buffers) * (batchBytes() + Workbench.BATCH_OVERHEAD);
    return (int) Math.max(1, Math.min(2L * workbench.parallelism() + 2, BATCH_BUDGET / most));
  }

  /**
   * Where a block of a known fingerprint is stored already; null when nowhere, or nobody knows.
   *
   * @return all zero, or in an ancestor of the references' numbering
   */
  @Nullable BlockLocation find(BlockRange range, int inRange) {
    return references == null
        ? null
        : elsewhere(
            references.find(
                range.chunk().index(),
                range.block(inRange),
                range.fingerprints(),
                range.fingerprintAt(inRange)));
  }

  /** Where a block is stored of which the kernel says that it did not change; null: read it. */
  @Nullable BlockLocation unchanged(BlockRange range, int inRange) {
    return references == null
        ? null
        : elsewhere(
            references.unchanged(
                range.chunk().index(),
                range.block(inRange),
                range.fingerprints(),
                range.fingerprintAt(inRange)));
  }

  private static @Nullable BlockLocation elsewhere(@Nullable BlockLocation found) {
    if (found != null && found.kind() != BlockLocation.Kind.ZERO && !found.isForeign()) {
      throw new IllegalArgumentException(
          "the references give a block in the file itself, which is not written yet: " + found);
    }
    return found;
  }
}
