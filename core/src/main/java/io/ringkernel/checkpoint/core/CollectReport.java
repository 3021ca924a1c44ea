package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a collection did, or would do.
 *
 * @param dryRun whether nothing was changed
 * @param removed the objects that are gone, or would be; immutable
 * @param condemned the objects that nothing refers to but whose grace period is not over; immutable
 * @param objects how many objects the store had
 * @param referred how many of them something refers to
 * @param pins how many savers are at work, or were killed and their leases are not over
 * @param leasesEnd when the last of these leases is over unless it is renewed, by the storage's
 *     clock; null when there is none
 * @param notes what a person should know: lapsed pins that were broken, pins and tombstones whose
 *     stamps are in the future, tombstones that can't be read, commits that could not be finished,
 *     objects that could not be removed; immutable
 */
public record CollectReport(
    boolean dryRun,
    List<Garbage> removed,
    List<Garbage> condemned,
    long objects,
    long referred,
    long pins,
    @Nullable Instant leasesEnd,
    List<String> notes) {
  /**
   * An object that nothing refers to.
   *
   * @param id which
   * @param size bytes
   * @param storedAt when it was written, by the storage's clock
   * @param condemnedAt when a collection first found that nothing refers to it, by the storage's
   *     clock
   */
  public record Garbage(ObjectId id, long size, Instant storedAt, Instant condemnedAt) {}

  /** Copies the lists. */
  public CollectReport {
    removed = List.copyOf(removed);
    condemned = List.copyOf(condemned);
    notes = List.copyOf(notes);
  }

  /** Bytes of what was removed, or would be. */
  public long removedBytes() {
    return removed.stream().mapToLong(Garbage::size).sum();
  }
}
