package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.CheckpointFile;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Compares what an entry tells with the object that it names: others rely on the entry alone. */
final class EntryCheck {
  private EntryCheck() {}

  /**
   * Refuses an entry that tells something else than its object.
   *
   * @throws CorruptCheckpointException that names the first field that differs, and both values
   */
  static void requireSame(Entry entry, CheckpointFile file) {
    StoredFile told = entry.file();
    int version = file.header().version();
    same("format", told.formatVersion(), version);
    same("file size", told.fileSize(), file.size());
    boolean alone = file.ancestors().isEmpty();
    CheckpointKind kind = ObjectWriter.kind(version, file.metadata(), alone);
    same("kind", told.kind(), kind);
    // A version 1 delta's own file knows neither its base nor how much state the two stand for.
    if (version != 1 || kind == CheckpointKind.FULL) {
      same("ancestors", told.ancestors(), file.ancestors().stream().map(Ancestor::id).toList());
      same("state size", told.stateSize(), file.stateSize());
    }
    same("root hash", told.rootHash(), file.rootHash());
    requireSame(entry.metadata(), file.metadata());
  }

  private static void requireSame(CheckpointMetadata told, CheckpointMetadata is) {
    same("kernel id", told.kernelId(), is.kernelId());
    same("kernel type", told.kernelType(), is.kernelType());
    same("step", Long.toUnsignedString(told.step()), Long.toUnsignedString(is.step()));
    same("grid", told.gridSize(), is.gridSize());
    same("tile", told.tileSize(), is.tileSize());
    same("HLC", told.hlc(), is.hlc());
    same(
        "created_at",
        Long.toUnsignedString(told.createdAtMicros()),
        Long.toUnsignedString(is.createdAtMicros()));
  }

  private static void same(String field, @Nullable Object told, @Nullable Object is) {
    if (!Objects.equals(told, is)) {
      throw new CorruptCheckpointException(
          0, "the entry has another " + field + " than its object: " + told + ", not " + is);
    }
  }
}
