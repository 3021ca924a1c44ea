package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;

/**
 * The record that names begin so, at a slash.
 *
 * @param path how they begin
 * @param stands whether it was seen that nothing lies in the folder's place; else it is to be seen,
 *     and who puts something there may still be first
 * @param contests how often one who put something there was first; unsigned
 */
record FolderNote(String path, boolean stands, long contests) {
  static FolderNote of(String path) {
    return new FolderNote(path, false, 0);
  }

  /** From now on the place is the folder's. */
  FolderNote standing() {
    return new FolderNote(path, true, contests);
  }

  /** The same but for its bytes: who looks at the place must look again. */
  FolderNote contested() {
    return new FolderNote(path, stands, contests + 1);
  }

  byte[] encode() {
    return new RecordWriter(RecordKind.FOLDER)
        .line("path", path)
        .flag("stands", stands)
        .count("contests", contests)
        .bytes();
  }

  /**
   * Reads a note.
   *
   * @throws CorruptCheckpointException with the offset in the record
   */
  static FolderNote decode(byte[] bytes) {
    RecordReader in = RecordReader.parse(RecordKind.FOLDER, bytes);
    return new FolderNote(in.text("path"), in.flag("stands"), in.count("contests"));
  }
}
