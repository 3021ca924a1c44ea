package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a store holds under a checkpoint's name. */
sealed interface Slot {
  /** The storage's version of it; null when there is nothing. */
  @Nullable String version();

  /** Whether it still holds what a commit found there. */
  default boolean holds(@Nullable String base) {
    return Objects.equals(version(), base);
  }

  /** Nothing. */
  record Absent() implements Slot {
    @Override
    public @Nullable String version() {
      return null;
    }
  }

  /**
   * An entry.
   *
   * @param version of the entry, not of its object
   * @param entry as it was read
   */
  record Managed(String version, Entry entry) implements Slot {}

  /**
   * A checkpoint's file itself, as somebody else put it there.
   *
   * @param object the file
   * @param start its first bytes
   */
  record Bare(StoredObject object, ByteBuffer start) implements Slot {
    @Override
    public String version() {
      return object.version();
    }
  }

  /**
   * Neither of the two.
   *
   * @param version of whatever it is
   * @param isEntry whether it begins as an entry does, so that it may refer to objects
   * @param problem what is wrong with it
   */
  record Unreadable(String version, boolean isEntry, CheckpointException problem) implements Slot {}
}
