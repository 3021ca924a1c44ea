package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a store knows of a checkpoint without reading its state.
 *
 * @param name under which it can be loaded
 * @param managed whether it was saved through an engine; false for a bare file that lies in the
 *     store
 * @param metadata what it is a checkpoint of. Custom entries of a managed checkpoint are only in
 *     its file. So {@code custom} is <b>empty</b> where that file was not read: in {@link
 *     Checkpointer#list}, {@link PruneReport} and {@link GroupInfo}. {@link Checkpointer#info} and
 *     {@link RestoreReceipt} have them
 * @param kind full or delta
 * @param formatVersion 1 or 2
 * @param objectId names its object; null for a bare file of version 1
 * @param rootHash pins its bytes; null in version 1
 * @param sequence its number among the kernel's commits in this store, from 1; for an imported one,
 *     how many there were before it; 0 for a bare file; unsigned
 * @param imported whether it is a file that was saved as it was: captured elsewhere, or earlier
 * @param stateSize bytes of state; empty for a bare file of version 1, which would have to be read
 * @param fileSize bytes of its file
 * @param codec the name of the compression that was asked for, {@code "none"} without
 * @param tags names that somebody gave it; immutable
 * @param savepoint whether pruning never touches it
 * @param ancestors the objects that its blocks refer to; immutable
 */
public record CheckpointInfo(
    String name,
    boolean managed,
    CheckpointMetadata metadata,
    CheckpointKind kind,
    int formatVersion,
    @Nullable ObjectId objectId,
    @Nullable RootHash rootHash,
    long sequence,
    boolean imported,
    OptionalLong stateSize,
    long fileSize,
    String codec,
    Set<String> tags,
    boolean savepoint,
    List<ObjectId> ancestors)
    implements ListedCheckpoint {
  /** Copies {@code tags} and {@code ancestors}. */
  public CheckpointInfo {
    tags = Set.copyOf(tags);
    ancestors = List.copyOf(ancestors);
  }

  /** The same with the entries that are in its file. */
  CheckpointInfo withCustom(Map<String, String> entries) {
    return new CheckpointInfo(
        name,
        managed,
        metadata.withCustom(entries),
        kind,
        formatVersion,
        objectId,
        rootHash,
        sequence,
        imported,
        stateSize,
        fileSize,
        codec,
        tags,
        savepoint,
        ancestors);
  }
}
