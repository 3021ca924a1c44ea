package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;

/**
 * The record that what was under a name is being taken away, where a delete of one version may
 * delete another. To readers it is nothing, and nobody puts anything there until it is gone.
 *
 * @param cleared the version that was there
 * @param stamps how often it was written again, only to be stamped anew; unsigned
 */
record ClearingNote(String cleared, long stamps) {
  static ClearingNote of(String cleared) {
    return new ClearingNote(cleared, 0);
  }

  /** The same but for its bytes. */
  ClearingNote stampedAnew() {
    return new ClearingNote(cleared, stamps + 1);
  }

  byte[] encode() {
    return new RecordWriter(RecordKind.CLEARING)
        .line("cleared", cleared)
        .count("stamps", stamps)
        .bytes();
  }

  /**
   * Reads a note.
   *
   * @throws CorruptCheckpointException with the offset in the record
   */
  static ClearingNote decode(byte[] bytes) {
    RecordReader in = RecordReader.parse(RecordKind.CLEARING, bytes);
    return new ClearingNote(in.text("cleared"), in.count("stamps"));
  }
}
