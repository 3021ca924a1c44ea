package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.HlcTimestamp;
import java.nio.ByteBuffer;

/** A hybrid logical clock's value in memory: u64 physical, u64 logical, u64 node. */
final class Hlc {
  static final int BYTES = 24;

  private Hlc() {}

  static void write(HlcTimestamp time, ByteBuffer target) {
    target.putLong(time.physical()).putLong(time.logical()).putLong(time.nodeId());
  }

  static HlcTimestamp read(ByteBuffer source) {
    return new HlcTimestamp(source.getLong(), source.getLong(), source.getLong());
  }

  /** Whether a clock that merges it has room to go on: 292,000 years after 1970 are enough. */
  static boolean isPlausible(HlcTimestamp time) {
    return time.physical() >= 0;
  }
}
