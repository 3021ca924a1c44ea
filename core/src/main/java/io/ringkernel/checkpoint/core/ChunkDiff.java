package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.ChunkType;
import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What differs between two checkpoints in one chunk. A chunk is the same in both when type, id and
 * occurrence are.
 */
public final class ChunkDiff {
  /** What became of a chunk. */
  public enum Status {
    /** The same size and the same bytes. */
    SAME,
    /** Other bytes, or another size. */
    CHANGED,
    /** Only the later checkpoint has it. */
    ADDED,
    /** Only the earlier checkpoint has it. */
    REMOVED
  }

  private final ChunkType type;
  private final long id;
  private final int occurrence;
  private final @Nullable String name;
  private final Status status;
  private final long sizeBefore;
  private final long sizeAfter;
  private final long blocks;
  private final long changedBytes;
  private final BitSet changed;

  ChunkDiff(
      ChunkType type,
      long id,
      int occurrence,
      @Nullable String name,
      Status status,
      long sizeBefore,
      long sizeAfter,
      long blocks,
      long changedBytes,
      BitSet changed) {
    this.type = type;
    this.id = id;
    this.occurrence = occurrence;
    this.name = name;
    this.status = status;
    this.sizeBefore = sizeBefore;
    this.sizeAfter = sizeAfter;
    this.blocks = blocks;
    this.changedBytes = changedBytes;
    this.changed = changed;
  }

  /** What kind of state it is. */
  public ChunkType type() {
    return type;
  }

  /** Its id, which distinguishes it from others of its type; unsigned. */
  public long id() {
    return id;
  }

  /** How many chunks of its type and id come before it. */
  public int occurrence() {
    return occurrence;
  }

  /** The region's name, when it is known. */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** What became of it. */
  public Status status() {
    return status;
  }

  /** Raw bytes before; 0 when it was not there. */
  public long sizeBefore() {
    return sizeBefore;
  }

  /** Raw bytes after; 0 when it is not there any more. */
  public long sizeAfter() {
    return sizeAfter;
  }

  /** Its blocks after; 0 when it is not there any more. */
  public long blocks() {
    return blocks;
  }

  /** Blocks after that differ from the one at the same place before, or had none there. */
  public long changedBlocks() {
    return changed.cardinality();
  }

  /** The raw bytes of the {@linkplain #changedBlocks changed blocks}. */
  public long changedBytes() {
    return changedBytes;
  }

  /**
   * Whether a block differs.
   *
   * @param block 0 to {@link #blocks} - 1
   */
  public boolean isChanged(long block) {
    return block <= Integer.MAX_VALUE && changed.get((int) block);
  }

  /** Which blocks differ, as a bitmap of the caller's own. */
  public BitSet changed() {
    return (BitSet) changed.clone();
  }
}
