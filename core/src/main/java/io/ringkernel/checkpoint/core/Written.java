package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An object that was written, and how its state was come by.
 *
 * @param object what lies in the store
 * @param metadata what it is a checkpoint of
 * @param stall how long its kernel stood still
 * @param notes what a person should know
 * @param standing why its kernel does not run on; null when it does
 */
record Written(
    WrittenObject object,
    CheckpointMetadata metadata,
    Duration stall,
    List<String> notes,
    @Nullable Throwable standing) {
  Written {
    notes = List.copyOf(notes);
  }

  /** An object whose kernel runs, or never stood still for it. */
  Written(WrittenObject object, CheckpointMetadata metadata, Duration stall, List<String> notes) {
    this(object, metadata, stall, notes, null);
  }

  /** The same of a kernel that stands still. */
  Written standing(Throwable reason) {
    return new Written(object, metadata, stall, notes, reason);
  }

  /** The object as its entry will tell it. */
  StoredFile file() {
    return object.file();
  }

  /**
   * An object that was written.
   *
   * @param file as its entry will tell it
   * @param changed raw bytes of the blocks that are in it and not elsewhere
   * @param index for deltas on it; null when it is not at hand
   */
  record WrittenObject(StoredFile file, long changed, @Nullable BlockIndex index) {
    /**
     * The same as a whole-chunk delta.
     *
     * @param base the object that it is applied to
     * @param stateSize bytes of state that the two stand for
     */
    WrittenObject onTopOf(ObjectId base, long stateSize) {
      StoredFile delta =
          new StoredFile(
              file.objectId(),
              file.formatVersion(),
              CheckpointKind.DELTA,
              file.rootHash(),
              file.headerCrc32(),
              file.fileSize(),
              stateSize,
              file.codec(),
              List.of(base));
      return new WrittenObject(delta, changed, index);
    }
  }
}
