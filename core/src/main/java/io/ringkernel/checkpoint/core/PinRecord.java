package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a saver has written down before it writes an object: which objects must stay until it has
 * committed.
 *
 * @param kernelId whose head it will write
 * @param entryName the entry that it will write without a head; null when it commits by the head
 * @param lease how long this counts after it was written, at most {@link #LONGEST_LEASE}
 * @param renewals how often it was written again; unsigned
 * @param broken whether a collector ended it: its writer must not commit
 * @param objects its new object, and all that this may refer to
 */
record PinRecord(
    @Nullable String kernelId,
    @Nullable String entryName,
    Duration lease,
    long renewals,
    boolean broken,
    List<ObjectId> objects) {
  /** What a saver may ask for, and what is believed of a lease that a pin tells. */
  static final Duration LONGEST_LEASE = Duration.ofDays(1);

  PinRecord {
    lease = lease.compareTo(LONGEST_LEASE) > 0 ? LONGEST_LEASE : lease;
    objects = List.copyOf(objects);
  }

  /** Whose save it is, in words. */
  String subject() {
    return kernelId == null ? "'" + entryName + "'" : "kernel '" + kernelId + "'";
  }

  PinRecord renewed() {
    return new PinRecord(kernelId, entryName, lease, renewals + 1, broken, objects);
  }

  PinRecord asBroken() {
    return new PinRecord(kernelId, entryName, lease, renewals, true, objects);
  }

  /** Whose it is and how it commits, without what it keeps. */
  PinRecord withoutObjects() {
    return new PinRecord(kernelId, entryName, lease, renewals, broken, List.of());
  }

  /** Whether it counts no longer. */
  boolean isOver(Instant writtenAt, Instant now) {
    return broken || Duration.between(writtenAt, now).compareTo(lease) > 0;
  }

  byte[] encode() {
    RecordWriter out = new RecordWriter(RecordKind.PIN);
    if (kernelId != null) {
      out.line("kernel-id", kernelId);
    }
    out.numbers("lease-millis", lease.toMillis()).numbers("renewals", renewals);
    if (entryName != null) {
      out.line("entry", entryName);
    }
    return out.flag("broken", broken).ids("objects", objects).bytes();
  }

  /**
   * Reads a pin.
   *
   * @throws CorruptCheckpointException with the offset in the record
   */
  static PinRecord decode(byte[] bytes) {
    RecordReader in = RecordReader.parse(RecordKind.PIN, bytes);
    return new PinRecord(
        in.has("kernel-id") ? in.text("kernel-id") : null,
        in.optional("entry", StoreNames::requireRecordedName).orElse(null),
        in.millis("lease-millis"),
        in.number("renewals"),
        in.flag("broken"),
        in.ids("objects"));
  }
}
