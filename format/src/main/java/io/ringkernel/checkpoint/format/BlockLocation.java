package io.ringkernel.checkpoint.format;

/**
 * Where one block's bytes are stored.
 *
 * @param kind how
 * @param ancestor index into the file's ancestors, or {@link #HERE}
 * @param position of its local header in that file; 0 when all zero
 * @param storedLength bytes of its payload behind the local header; 0 when all zero
 * @param codec 0 when raw
 * @param crc32 of the stored bytes when compressed, else 0
 */
public record BlockLocation(
    Kind kind, int ancestor, long position, int storedLength, int codec, int crc32) {
  /** The {@link #ancestor} of a block in the file itself. */
  public static final int HERE = -1;

  /** All zero: takes no space. */
  public static final BlockLocation ZERO = new BlockLocation(Kind.ZERO, HERE, 0, 0, 0, 0);

  /** How a block is stored. */
  public enum Kind {
    /** Not at all: every byte is 0. */
    ZERO,
    /** As it is. */
    RAW,
    /** By a codec. */
    COMPRESSED
  }

  /** Whether it is in another file. */
  public boolean isForeign() {
    return ancestor != HERE;
  }

  /**
   * The same location as seen from a file whose ancestors are numbered differently.
   *
   * @param newAncestor index into that file's ancestors, or {@link #HERE}
   */
  public BlockLocation from(int newAncestor) {
    return new BlockLocation(kind, newAncestor, position, storedLength, codec, crc32);
  }
}
