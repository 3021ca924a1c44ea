package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commit that an entry was copied from; kept when the copy is copied on.
 *
 * @param nonce of that commit, which tells it from every other in any store
 * @param sequence of that commit, in its own store; unsigned
 * @param tier the near tier that it was saved to; null when no tier made the copy
 */
record Origin(ObjectId nonce, long sequence, @Nullable ObjectId tier) {
  private static final String KEY = "origin";

  /** Where an entry comes from, in the end. */
  static Origin of(Entry entry) {
    Origin earlier = entry.origin();
    return earlier == null
        ? new Origin(entry.mark().nonce(), entry.mark().sequence(), null)
        : earlier;
  }

  /** The same commit, seen as one of a near tier. */
  static Origin near(Entry entry, ObjectId tier) {
    return new Origin(of(entry).nonce(), entry.mark().sequence(), tier);
  }

  /** Whether both are of one commit. */
  boolean isOf(Entry entry) {
    return nonce.equals(of(entry).nonce());
  }

  /** Whether a near tier made the copy. */
  boolean isFrom(ObjectId near) {
    return near.equals(tier);
  }

  /** Whether one near tier made both copies, and this is of no later commit. */
  boolean isNotAfter(Origin other) {
    return tier != null
        && tier.equals(other.tier)
        && Long.compareUnsigned(sequence, other.sequence) <= 0;
  }

  void write(RecordWriter out) {
    String number = Long.toUnsignedString(sequence);
    if (tier == null) {
      out.line(KEY, nonce.hex(), number);
    } else {
      out.line(KEY, nonce.hex(), number, tier.hex());
    }
  }

  /** Null when the entry is no copy. */
  static @Nullable Origin read(RecordReader in) {
    List<String> values = in.texts(KEY);
    if (values.isEmpty()) {
      return null;
    }
    try {
      ObjectId tier = values.size() > 2 ? new ObjectId(values.get(2)) : null;
      return new Origin(new ObjectId(values.get(0)), Long.parseUnsignedLong(values.get(1)), tier);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new CorruptCheckpointException(0, "an entry's origin is malformed", e);
    }
  }
}
