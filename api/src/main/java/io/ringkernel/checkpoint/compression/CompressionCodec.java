package io.ringkernel.checkpoint.compression;

/**
 * A compression algorithm in its two standard forms: blocks, of known raw length, and frames, which
 * the algorithm's official tools read and write.
 *
 * <p>MUST:
 *
 * <ul>
 *   <li>be stateless and safe for any number of threads; what it makes is not;
 *   <li>have a code that names the stored form for ever: 1 = lz4, 2 = zstd, 0 ("none") is built in;
 *   <li>give the same bytes for the same input and level within one version of the codec;
 *   <li>accept any level from {@link #minLevel} to {@link #maxLevel} and refuse others with {@code
 *       IllegalArgumentException}.
 * </ul>
 */
public interface CompressionCodec {
  /** The code written into files: 1 = lz4, 2 = zstd; 1 to 255. */
  int code();

  /** The lower-case name for options and messages. */
  String name();

  /** The lowest level: fastest, largest output. */
  int minLevel();

  /** The highest level: slowest, smallest output. */
  int maxLevel();

  /** The level used when none is asked for. */
  int defaultLevel();

  /**
   * A bound on the stored length of one block.
   *
   * @param rawLength bytes before compression, at least 0
   * @return the most bytes a block compressor can make of them
   */
  int maxCompressedLength(int rawLength);

  /**
   * A compressor of blocks, owned and closed by the caller.
   *
   * @param level from {@link #minLevel} to {@link #maxLevel}
   */
  BlockCompressor blockCompressor(int level);

  /** A decompressor of blocks, owned and closed by the caller. */
  BlockDecompressor blockDecompressor();

  /**
   * A compressor of one frame, owned and closed by the caller.
   *
   * @param level from {@link #minLevel} to {@link #maxLevel}
   */
  FrameCompressor frameCompressor(int level);

  /** A decompressor of one stream of frames, owned and closed by the caller. */
  FrameDecompressor frameDecompressor();
}
