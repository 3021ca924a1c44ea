package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.format.BlockIndex;
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
 */
record Written(
    WrittenObject object, CheckpointMetadata metadata, Duration stall, List<String> notes) {
  Written {
    notes = List.copyOf(notes);
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
  record WrittenObject(StoredFile file, long changed, @Nullable BlockIndex index) {}
}
