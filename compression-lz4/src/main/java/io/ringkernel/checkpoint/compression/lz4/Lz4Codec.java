package io.ringkernel.checkpoint.compression.lz4;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.FrameCompressor;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4JNIFastResetCompressor;
import net.jpountz.lz4.LZ4JNIHCFastResetCompressor;
import net.jpountz.xxhash.XXHashFactory;

/** LZ4 at the levels of the {@code lz4} tool: 1 is fast, 2 to 12 are high compression. */
final class Lz4Codec implements CompressionCodec {
  private static final int FAST = 1;
  // lz4-java takes levels to 17, but native LZ4 treats those above 12 as 12.
  private static final int HIGHEST = 12;

  private final LZ4Factory lz4;
  private final XXHashFactory xxHash;

  Lz4Codec(LZ4Factory lz4, XXHashFactory xxHash) {
    this.lz4 = lz4;
    this.xxHash = xxHash;
  }

  @Override
  public int code() {
    return Lz4CodecProvider.CODE;
  }

  @Override
  public String name() {
    return Lz4CodecProvider.NAME;
  }

  @Override
  public int minLevel() {
    return FAST;
  }

  @Override
  public int maxLevel() {
    return HIGHEST;
  }

  @Override
  public int defaultLevel() {
    return FAST;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException when negative or above 2,113,929,215, the longest LZ4 block
   */
  @Override
  public int maxCompressedLength(int rawLength) {
    return lz4.fastCompressor().maxCompressedLength(rawLength);
  }

  @Override
  public BlockCompressor blockCompressor(int level) {
    if (level < FAST || level > HIGHEST) {
      throw new IllegalArgumentException(
          "lz4 has the levels " + FAST + " to " + HIGHEST + ", not " + level);
    }
    // The fast-reset variants keep their state between blocks; the plain ones clear or even
    // allocate it for each.
    if (level == FAST) {
      LZ4JNIFastResetCompressor fast = lz4.fastResetCompressor();
      return new Lz4BlockCompressor(fast, fast::close);
    }
    LZ4JNIHCFastResetCompressor high = lz4.highFastResetCompressor(level);
    return new Lz4BlockCompressor(high, high::close);
  }

  @Override
  public BlockDecompressor blockDecompressor() {
    return new Lz4BlockDecompressor(new BlockDecoder(lz4.safeDecompressor()));
  }

  @Override
  public FrameCompressor frameCompressor(int level) {
    return new Lz4FrameCompressor(
        blockCompressor(level), xxHash.hash32(), new ContentChecksum(xxHash));
  }

  @Override
  public FrameDecompressor frameDecompressor() {
    return new Lz4FrameDecompressor(
        new BlockDecoder(lz4.safeDecompressor()), xxHash.hash32(), new ContentChecksum(xxHash));
  }

  @Override
  public String toString() {
    return Lz4CodecProvider.NAME;
  }
}
