package io.ringkernel.checkpoint.compression.zstd;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;

/** The one place where zstd's error codes are told apart. */
final class ZstdErrors {
  // zstd_errors.h; zstd-jni has no name for them.
  private static final long NO_PROGRESS_TARGET_FULL = 80;
  private static final long NO_PROGRESS_SOURCE_EMPTY = 82;

  private ZstdErrors() {}

  /** Whether the result of compressing does not fit. */
  static boolean isTargetTooSmall(ZstdException e) {
    return code(e) == Zstd.errDstSizeTooSmall();
  }

  /** Whether a stream was asked to go on without room or without bytes; it still can. */
  static boolean isStandstill(ZstdException e) {
    long code = code(e);
    return code == NO_PROGRESS_TARGET_FULL || code == NO_PROGRESS_SOURCE_EMPTY;
  }

  /**
   * What a failed decompression means.
   *
   * @param offset where the bytes begin that zstd was given
   * @param length how many there were: zstd does not say which of them is wrong
   */
  static CorruptCheckpointException corrupt(long offset, int length, ZstdException e) {
    if (code(e) == Zstd.errMemoryAllocation()) {
      throw (Error) new OutOfMemoryError("zstd got no native memory").initCause(e);
    }
    return new CorruptCheckpointException(
        offset, "zstd finds, in the " + length + " bytes from there: " + e.getMessage(), e);
  }

  /** zstd-jni gives the codes negated where they come from a stream. */
  private static long code(ZstdException e) {
    return Math.abs(e.getErrorCode());
  }
}
