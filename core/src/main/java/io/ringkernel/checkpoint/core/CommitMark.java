package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;

/**
 * Which commit an entry is of.
 *
 * @param sequence its number among the kernel's commits, from 1; when it was imported, how many of
 *     them there were before it; unsigned
 * @param epoch of the writer; unsigned
 * @param nonce tells this save from every other, also after an answer was lost
 * @param imported whether it is a file that was saved as it was: captured elsewhere, or earlier
 */
record CommitMark(long sequence, long epoch, ObjectId nonce, boolean imported) {
  /** The higher of two numbers of commits, or of two epochs. */
  static long higher(long one, long other) {
    return Long.compareUnsigned(one, other) >= 0 ? one : other;
  }
}
