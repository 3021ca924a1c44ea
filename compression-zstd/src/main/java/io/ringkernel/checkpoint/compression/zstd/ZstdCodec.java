package io.ringkernel.checkpoint.compression.zstd;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.FrameCompressor;
import io.ringkernel.checkpoint.compression.FrameDecompressor;

/** Zstandard at the levels of the {@code zstd} tool, -5 ({@code --fast=5}) to 19. */
final class ZstdCodec implements CompressionCodec {
  private static final int LOWEST = -5;
  private static final int HIGHEST = 19;
  private static final int DEFAULT = 3;

  @Override
  public int code() {
    return ZstdCodecProvider.CODE;
  }

  @Override
  public String name() {
    return ZstdCodecProvider.NAME;
  }

  @Override
  public int minLevel() {
    return LOWEST;
  }

  @Override
  public int maxLevel() {
    return HIGHEST;
  }

  @Override
  public int defaultLevel() {
    return DEFAULT;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException when negative, or so large that the bound is above 2 GiB
   */
  @Override
  public int maxCompressedLength(int rawLength) {
    return bound(rawLength);
  }

  /** {@code ZSTD_compressBound}, where it is an int. */
  static int bound(long rawLength) {
    long bound = rawLength < 0 ? 0 : Zstd.compressBound(rawLength);
    if (rawLength < 0 || bound > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          rawLength + " bytes can't be compressed at once; cut them into smaller pieces");
    }
    return (int) bound;
  }

  @Override
  public BlockCompressor blockCompressor(int level) {
    return new ZstdBlockCompressor(context(level, false));
  }

  @Override
  public BlockDecompressor blockDecompressor() {
    return new ZstdBlockDecompressor(new ZstdDecompressCtx());
  }

  @Override
  public FrameCompressor frameCompressor(int level) {
    return new ZstdFrameCompressor(context(level, true));
  }

  @Override
  public FrameDecompressor frameDecompressor() {
    return new ZstdFrameDecompressor(
        new ZstdDecompressCtx().setLongMax(ZstdFrameDecompressor.WINDOW_LOG));
  }

  private static ZstdCompressCtx context(int level, boolean checksum) {
    if (level < LOWEST || level > HIGHEST) {
      throw new IllegalArgumentException(
          "zstd has the levels " + LOWEST + " to " + HIGHEST + ", not " + level);
    }
    return new ZstdCompressCtx().setLevel(level).setChecksum(checksum).setContentSize(true);
  }

  @Override
  public String toString() {
    return ZstdCodecProvider.NAME;
  }
}
