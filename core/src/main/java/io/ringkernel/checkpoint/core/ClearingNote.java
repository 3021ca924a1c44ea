package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The record that what was under a name is being taken away, where a delete of one version may
 * delete another. To readers it is nothing, and nobody puts anything there until it is gone.
 *
 * @param cleared the version that was there
 * @param nonce tells it from those of others; unsigned
 */
record ClearingNote(String cleared, long nonce) {
  static ClearingNote of(String cleared) {
    return new ClearingNote(cleared, ThreadLocalRandom.current().nextLong());
  }

  /** The same but for its bytes. */
  ClearingNote stampedAnew() {
    return new ClearingNote(cleared, nonce + 1);
  }

  byte[] encode() {
    return new RecordWriter(RecordKind.CLEARING)
        .line("cleared", cleared)
        .numbers("nonce", nonce)
        .bytes();
  }

  /** Whether bytes are a whole note. */
  static boolean is(byte[] bytes) {
    try {
      decode(bytes);
      return true;
    } catch (CheckpointException e) {
      return false;
    }
  }

  /**
   * Reads a note.
   *
   * @throws CorruptCheckpointException with the offset in the record
   */
  static ClearingNote decode(byte[] bytes) {
    RecordReader in = RecordReader.parse(RecordKind.CLEARING, bytes);
    return new ClearingNote(in.text("cleared"), in.number("nonce"));
  }
}
