package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a store holds under a checkpoint's name. */
sealed interface Slot {
  /** The storage's version of it; null when there is nothing. */
  @Nullable String version();

  /** Whether it still holds what a commit found there. */
  default boolean holds(@Nullable String base) {
    return Objects.equals(version(), base);
  }

  /** Whether there is nothing that a save might replace; a commit on its way does not count. */
  default boolean isFree() {
    return this instanceof Absent || this instanceof Vacant || this instanceof Clearing;
  }

  /**
   * The one kernel whose head may hold a commit that waits to replace it; null when it may be any
   * kernel's.
   */
  default @Nullable String awaits() {
    return null;
  }

  /** The entries that it is or quotes. */
  default Stream<Entry> entries() {
    return Stream.empty();
  }

  /**
   * Of commits, the one that waits to replace it. Of a bare file or a group there may be several,
   * as nobody can write into those whose commit is on its way: the first kernel's counts.
   */
  default Optional<Head.Latest> awaited(Stream<Head.Latest> commits) {
    String kernelId = awaits();
    return commits
        .filter(commit -> holds(commit.base()))
        .filter(commit -> kernelId == null || commit.entry().isOf(kernelId))
        .min(Comparator.comparing(commit -> commit.entry().metadata().kernelId()));
  }

  /** Nothing. */
  record Absent() implements Slot {
    @Override
    public @Nullable String version() {
      return null;
    }
  }

  /**
   * Nothing but the placeholder of a commit that is on its way, or never came.
   *
   * @param version of the placeholder
   * @param placeholder as it was read
   */
  record Vacant(String version, Placeholder placeholder) implements Slot {
    @Override
    public @Nullable String awaits() {
      return placeholder.kernelId();
    }
  }

  /**
   * Nothing any more: what was there is being taken away.
   *
   * @param object the note of that
   * @param note as it was read
   */
  record Clearing(StoredObject object, ClearingNote note) implements Slot {
    @Override
    public String version() {
      return object.version();
    }
  }

  /**
   * An entry.
   *
   * @param version of the entry, not of its object
   * @param entry as it was read
   */
  record Managed(String version, Entry entry) implements Slot {
    @Override
    public String awaits() {
      return entry.awaits();
    }

    @Override
    public Stream<Entry> entries() {
      return Stream.of(entry);
    }
  }

  /**
   * A group's manifest.
   *
   * @param version of the manifest
   * @param manifest as it was read
   */
  record Group(String version, GroupManifest manifest) implements Slot {
    @Override
    public Stream<Entry> entries() {
      return manifest.members().stream().map(GroupManifest.Member::entry);
    }
  }

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
   * None of these.
   *
   * @param version of whatever it is
   * @param refers whether it may be what is left of an entry or a manifest, and refer to objects
   * @param problem what is wrong with it
   */
  record Unreadable(String version, boolean refers, CheckpointException problem) implements Slot {}
}
