package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an entry knows of its object: enough to tell any other object from it.
 *
 * @param objectId names the object
 * @param formatVersion 1 or 2
 * @param kind full or delta
 * @param rootHash pins a version 2 file; null in version 1
 * @param headerCrc32 of the 64 bytes of a version 1 file's header, which hold the checksum of the
 *     rest; null in version 2
 * @param fileSize bytes of the file
 * @param stateSize bytes of state
 * @param codec the name of the compression that was asked for
 * @param ancestors the objects that its blocks refer to
 */
record StoredFile(
    ObjectId objectId,
    int formatVersion,
    CheckpointKind kind,
    @Nullable RootHash rootHash,
    @Nullable Integer headerCrc32,
    long fileSize,
    long stateSize,
    String codec,
    List<ObjectId> ancestors) {
  StoredFile {
    ancestors = List.copyOf(ancestors);
  }

  /** The same bytes in another object. */
  StoredFile withId(ObjectId id) {
    return new StoredFile(
        id, formatVersion, kind, rootHash, headerCrc32, fileSize, stateSize, codec, ancestors);
  }
}
