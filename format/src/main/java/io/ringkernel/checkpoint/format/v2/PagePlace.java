package io.ringkernel.checkpoint.format.v2;

/**
 * Which index page, and where it is.
 *
 * @param chunk index in the directory
 * @param page which of the chunk's
 * @param ordinal which of the file's
 * @param ref as the directory has it
 */
record PagePlace(int chunk, int page, int ordinal, Directory.PageRef ref) {
  /** Bytes of the section, local header and payload. */
  int length() {
    return Layout.LOCAL_HEADER_SIZE + ref.length();
  }

  /** Position behind it in the file. */
  long end() {
    return ref.position() + length();
  }
}
