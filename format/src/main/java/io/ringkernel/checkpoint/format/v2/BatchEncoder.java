package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides for each block of one batch how it is stored, and lays the stored ones out. */
final class BatchEncoder implements AutoCloseable {
  /** A raw block shorter than this is copied behind its local header: one piece is cheaper. */
  private static final int COPIED_BELOW = 4096;

  private static final int RAW = 0;

  private final List<BlockRange> ranges;
  private final BatchInput input;
  private final EncodeSettings settings;
  private final @Nullable BlockCompressor compressor;
  private final Fingerprinter fingerprinter;
  private final Pieces pieces = new Pieces();

  /** Local headers, compressed blocks and copies; null until there is one. */
  private @Nullable SharedMemory output;

  /**
   * @param compressor null: all blocks are stored as they are
   */
  BatchEncoder(
      List<BlockRange> ranges,
      BatchInput input,
      EncodeSettings settings,
      @Nullable BlockCompressor compressor) {
    this.ranges = ranges;
    this.input = input;
    this.settings = settings;
    this.compressor = compressor;
    this.fingerprinter = Fingerprinter.of(settings.algorithm());
  }

  /** Encodes all blocks; the caller owns what comes out. */
  EncodedBatch encode() {
    try {
      input.blocks().forEach(this::encode);
      return new EncodedBatch(ranges, pieces.finish(), pieces.length());
    } catch (Throwable t) {
      pieces.close();
      throw t;
    }
  }

  /** Lets go of the memory, of which pieces may still hold a part. */
  @Override
  public void close() {
    if (output != null) {
      output.release();
      output = null;
    }
  }

  private void encode(BatchInput.Block block) {
    BlockRange range = block.range();
    if (Zeros.fill(block.bytes())) {
      range.settle(block.inRange(), BlockLocation.ZERO);
      return;
    }
    if (range.chunk().brought() == null) {
      fingerprinter.hash(block.bytes(), range.fingerprints(), range.fingerprintAt(block.inRange()));
    }
    BlockLocation found = settings.find(range, block.inRange());
    range.settle(block.inRange(), found == null ? store(block) : found);
  }

  private BlockLocation store(BatchInput.Block block) {
    BlockLocation compressed = compressor == null ? null : compress(block, compressor);
    return compressed == null ? storeRaw(block) : compressed;
  }

  /** The location, or null when the block does not get shorter. */
  private @Nullable BlockLocation compress(BatchInput.Block block, BlockCompressor by) {
    int shorter = block.bytes().remaining() - 1;
    if (shorter == 0) {
      return null;
    }
    SharedMemory memory = output();
    ByteBuffer out = memory.bytes();
    int start = out.position();
    int payload = start + Layout.LOCAL_HEADER_SIZE;
    int length = by.compress(block.bytes(), out.slice(payload, shorter));
    if (length == BlockCompressor.DOES_NOT_FIT) {
      return null;
    }
    header(block, length, settings.compressionCode()).put(out);
    out.position(payload + length);
    BlockLocation location =
        new BlockLocation(
            BlockLocation.Kind.COMPRESSED,
            BlockLocation.HERE,
            pieces.length(),
            length,
            settings.compressionCode(),
            Layout.crc32(out.slice(payload, length)));
    pieces.add(memory, start, out.position());
    return location;
  }

  private BlockLocation storeRaw(BatchInput.Block block) {
    long position = pieces.length();
    int length = block.bytes().remaining();
    LocalHeader header = header(block, length, RAW);
    SharedMemory read = input.memory();
    if (block.slot() >= 0 && read != null) {
      header.put(read.bytes().position(block.slot()));
      pieces.add(read, block.slot(), block.slot() + Layout.LOCAL_HEADER_SIZE + length);
    } else {
      SharedMemory memory = output();
      ByteBuffer out = memory.bytes();
      int start = out.position();
      header.put(out);
      boolean copied = length < COPIED_BELOW;
      if (copied) {
        out.put(block.bytes().duplicate());
      }
      pieces.add(memory, start, out.position());
      if (!copied) {
        pieces.add(block.bytes());
      }
    }
    return new BlockLocation(BlockLocation.Kind.RAW, BlockLocation.HERE, position, length, RAW, 0);
  }

  private static LocalHeader header(BatchInput.Block block, int length, int codec) {
    BlockRange range = block.range();
    return new LocalHeader(
        range.chunk().index(), (int) range.block(block.inRange()), length, codec);
  }

  private SharedMemory output() {
    if (output == null) {
      output =
          compressor == null
              ? SharedMemory.heap(uncompressedCapacity())
              : SharedMemory.acquire(BatchInput.capacity(ranges), settings.workbench());
    }
    return output;
  }

  /** Headers, and the blocks that are copied. */
  private int uncompressedCapacity() {
    int capacity = 0;
    for (BatchInput.Block block : input.blocks()) {
      int length = block.bytes().remaining();
      capacity += Layout.LOCAL_HEADER_SIZE + (length < COPIED_BELOW ? length : 0);
    }
    return capacity;
  }
}
