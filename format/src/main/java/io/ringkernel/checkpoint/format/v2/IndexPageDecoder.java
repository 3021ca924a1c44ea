package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads one {@link IndexPage} against what the directory says it must describe. */
final class IndexPageDecoder {
  private final ByteReader in;
  private final int blockSize;
  private final Directory.Entry chunk;
  private final int chunkIndex;
  private final int ancestorCount;

  /** Where this file's blocks must end: its directory, which follows the last of them. */
  private final long directoryPosition;

  private final Map<Integer, Long> ends = new HashMap<>();
  private final List<BlockLocation> locations = new ArrayList<>();
  private long firstBlock;
  private int blockCount;

  IndexPageDecoder(
      ByteBuffer payload,
      long position,
      int blockSize,
      Directory directory,
      int chunkIndex,
      long directoryPosition) {
    this.in = new ByteReader(payload, position);
    this.blockSize = blockSize;
    this.chunkIndex = chunkIndex;
    this.chunk = directory.chunks().get(chunkIndex);
    this.ancestorCount = directory.ancestors().size();
    this.directoryPosition = directoryPosition;
  }

  /**
   * The page.
   *
   * @param pageInChunk which of the chunk's pages it must be
   */
  IndexPage decode(int pageInChunk) {
    long at = in.position();
    long blocks = Layout.blocks(chunk.size(), blockSize);
    firstBlock = (long) pageInChunk * Layout.BLOCKS_PER_PAGE;
    blockCount = (int) Math.min(Layout.BLOCKS_PER_PAGE, blocks - firstBlock);
    verify(
        in.varint("page chunk") == chunkIndex
            && in.varint("first block") == firstBlock
            && in.varint("block count") == blockCount,
        at,
        "the index page is not the one the directory means");
    long runCount = in.varint("run count");
    verify(Long.compareUnsigned(runCount, blockCount) <= 0, at, "there are more runs than blocks");
    for (long i = 0; i < runCount; i++) {
      run();
    }
    verify(
        locations.size() == blockCount,
        in.position(),
        "the runs describe " + locations.size() + " blocks of " + blockCount);
    BlockFingerprints fingerprints = fingerprints();
    in.end("the index page");
    return new IndexPage(chunkIndex, firstBlock, List.copyOf(locations), fingerprints);
  }

  private void run() {
    long at = in.position();
    int kind = in.u8("run kind");
    verify(kind <= IndexPage.COMPRESSED_FOREIGN, at, () -> "run kind " + kind + " is unknown");
    int left = blockCount - locations.size();
    int count = in.count(in.varint("run length"), left, at, "run length");
    verify(count > 0, at, "a run is empty");
    if (kind == IndexPage.ZERO) {
      for (int i = 0; i < count; i++) {
        locations.add(BlockLocation.ZERO);
      }
      return;
    }
    int ancestor = BlockLocation.HERE;
    if (kind == IndexPage.RAW_FOREIGN || kind == IndexPage.COMPRESSED_FOREIGN) {
      verify(ancestorCount > 0, at, "a block is in an ancestor, and the directory lists none");
      ancestor = in.count(in.varint("ancestor"), ancestorCount - 1, at, "ancestor");
    }
    long position = ends.getOrDefault(ancestor, 0L) + in.zigzag("distance");
    boolean raw = kind == IndexPage.RAW_HERE || kind == IndexPage.RAW_FOREIGN;
    for (int i = 0; i < count; i++) {
      BlockLocation block = raw ? raw(ancestor, position) : compressed(ancestor, position);
      verifyWithin(block, at);
      locations.add(block);
      position = IndexPage.end(block);
    }
    ends.put(ancestor, position);
  }

  private BlockLocation raw(int ancestor, long position) {
    return new BlockLocation(
        BlockLocation.Kind.RAW, ancestor, position, rawLength(locations.size()), 0, 0);
  }

  private BlockLocation compressed(int ancestor, long position) {
    long at = in.position();
    int codec = in.u8("codec");
    verify(codec != 0, at, "a compressed block has codec 0");
    // Compressing is only kept when it helps, so a stored length is always less than the raw one.
    int most = rawLength(locations.size()) - 1;
    int length = in.count(in.varint("stored length"), most, at + 1, "stored length");
    verify(length > 0, at + 1, "a compressed block is empty");
    return new BlockLocation(
        BlockLocation.Kind.COMPRESSED, ancestor, position, length, codec, in.u32("block checksum"));
  }

  private void verifyWithin(BlockLocation block, long at) {
    long limit = block.isForeign() ? Long.MAX_VALUE : directoryPosition;
    verify(
        block.position() >= Layout.HEADER_SIZE
            && block.position() <= limit - Layout.LOCAL_HEADER_SIZE - block.storedLength(),
        at,
        "a block is not within its file");
  }

  private int rawLength(int blockInPage) {
    long offset = (firstBlock + blockInPage) * blockSize;
    return (int) Math.min(blockSize, chunk.size() - offset);
  }

  private BlockFingerprints fingerprints() {
    FingerprintAlgorithm algorithm = chunk.algorithm();
    byte[] values = new byte[blockCount * algorithm.length()];
    ZeroFingerprints zeros = new ZeroFingerprints(algorithm);
    for (int i = 0; i < blockCount; i++) {
      int at = i * algorithm.length();
      if (locations.get(i).kind() == BlockLocation.Kind.ZERO) {
        System.arraycopy(zeros.get(rawLength(i)), 0, values, at, algorithm.length());
      } else {
        in.bytes(values, at, algorithm.length(), "fingerprint");
      }
    }
    return BlockFingerprints.of(blockSize, algorithm, values);
  }
}
