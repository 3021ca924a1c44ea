package io.ringkernel.checkpoint.compression.lz4;

import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.CHECKSUM_LENGTH;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.HIGHEST_RATIO;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.LENGTH_LENGTH;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.STORED_RAW;

import io.ringkernel.checkpoint.compression.FrameDecompressor;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import net.jpountz.xxhash.XXHash32;
import org.jspecify.annotations.Nullable;

/**
 * Reads LZ4 frames, piece by piece.
 *
 * <p>A block that lies in the source in one piece is decoded from there, and straight into the
 * target when that has room for any block of its kind; otherwise it passes through memory of at
 * most one block on either side. Linked blocks always pass through the window, which keeps what
 * they refer to.
 */
final class Lz4FrameDecompressor implements FrameDecompressor {
  /** What the next bytes of the stream are. */
  private enum State {
    MAGIC,
    DESCRIPTOR,
    BLOCK_LENGTH,
    BLOCK,
    CONTENT_CHECKSUM,
    SKIP_LENGTH,
    SKIPPED
  }

  private static final FrameDescriptor NONE = new FrameDescriptor(0, 0, 0);

  private final BlockDecoder decoder;
  private final XXHash32 xxHash;
  private final ContentChecksum checksum;
  private final ByteBuffer field =
      ByteBuffer.allocate(Lz4FrameFormat.LONGEST_DESCRIPTOR).order(ByteOrder.LITTLE_ENDIAN);
  private final BlockStage stage = new BlockStage();
  private final OutputWindow window = new OutputWindow();

  private State state = State.MAGIC;
  private FrameDescriptor descriptor = NONE;
  private boolean frameSeen;
  private int blockLength;
  private boolean storedRaw;
  private long skip;
  private long produced;

  /** The stream's offset of the byte at index 0 of the source at hand. */
  private long sourceStart;

  private long consumed;
  private @Nullable CorruptCheckpointException failure;
  private boolean closed;

  /** Takes over {@code checksum} and closes it. */
  Lz4FrameDecompressor(BlockDecoder decoder, XXHash32 xxHash, ContentChecksum checksum) {
    this.decoder = decoder;
    this.xxHash = xxHash;
    this.checksum = checksum;
  }

  @Override
  public boolean decompress(ByteBuffer source, ByteBuffer target) {
    if (closed) {
      throw new IllegalStateException("this lz4 frame decompressor is closed");
    }
    if (failure != null) {
      throw failure;
    }
    if (target.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
    sourceStart = consumed - source.position();
    try {
      window.drainTo(target);
      boolean more = true;
      while (more && window.isEmpty()) {
        more = step(source, target);
      }
    } catch (CorruptCheckpointException e) {
      failure = e;
      throw e;
    } finally {
      consumed = offset(source);
    }
    return frameSeen && state == State.MAGIC && field.position() == 0 && window.isEmpty();
  }

  /** Reads the next part of the stream; false when the source ends before it does. */
  private boolean step(ByteBuffer source, ByteBuffer target) {
    return switch (state) {
      case MAGIC -> gather(source, Lz4FrameFormat.MAGIC_LENGTH) && magic(source);
      case DESCRIPTOR ->
          gather(source, 1)
              && gather(source, FrameDescriptor.length(field.get(0)))
              && descriptor(source);
      case BLOCK_LENGTH -> gather(source, LENGTH_LENGTH) && blockLength(source);
      case BLOCK -> block(source, target);
      case CONTENT_CHECKSUM -> gather(source, CHECKSUM_LENGTH) && contentChecksum(source);
      case SKIP_LENGTH -> gather(source, LENGTH_LENGTH) && skipLength();
      case SKIPPED -> skip(source);
    };
  }

  private boolean magic(ByteBuffer source) {
    int magic = takeInt();
    if (magic == Lz4FrameFormat.MAGIC) {
      state = State.DESCRIPTOR;
    } else if ((magic & Lz4FrameFormat.SKIPPABLE_MASK) == Lz4FrameFormat.SKIPPABLE_MAGIC) {
      state = State.SKIP_LENGTH;
    } else {
      throw corrupt(
          offset(source) - Lz4FrameFormat.MAGIC_LENGTH,
          magic == Lz4FrameFormat.LEGACY_MAGIC
              ? "a legacy LZ4 frame, which is not supported: recompress it with lz4, without -l"
              : "no LZ4 frame begins here");
    }
    return true;
  }

  private boolean descriptor(ByteBuffer source) {
    descriptor = FrameDescriptor.parse(field, offset(source) - field.position(), xxHash);
    field.clear();
    produced = 0;
    window.forget();
    if (descriptor.hasContentChecksum()) {
      checksum.reset();
    }
    state = State.BLOCK_LENGTH;
    return true;
  }

  private boolean blockLength(ByteBuffer source) {
    int value = takeInt();
    if (value == Lz4FrameFormat.END_MARK) {
      endOfBlocks(source);
      return true;
    }
    blockLength = value & ~STORED_RAW;
    storedRaw = (value & STORED_RAW) != 0;
    if (blockLength > descriptor.blockSize()) {
      throw corrupt(
          offset(source) - LENGTH_LENGTH,
          "an LZ4 block of "
              + blockLength
              + " bytes in a frame of blocks up to "
              + descriptor.blockSize());
    }
    state = State.BLOCK;
    return true;
  }

  private boolean block(ByteBuffer source, ByteBuffer target) {
    int checksumLength = descriptor.hasBlockChecksums() ? CHECKSUM_LENGTH : 0;
    ByteBuffer block = stage.take(source, blockLength + checksumLength);
    if (block == null) {
      return false;
    }
    long at = offset(source) - checksumLength - blockLength;
    if (descriptor.hasBlockChecksums()) {
      int expected = block.order(ByteOrder.LITTLE_ENDIAN).getInt(block.limit() - CHECKSUM_LENGTH);
      block.limit(block.limit() - CHECKSUM_LENGTH);
      if (xxHash.hash(block, block.position(), block.remaining(), 0) != expected) {
        throw corrupt(at + blockLength, "the checksum of an LZ4 block differs");
      }
    }
    try {
      content(block, target);
    } catch (CorruptCheckpointException e) {
      throw e.shiftedBy(at);
    }
    if (descriptor.declaresSize() && Long.compareUnsigned(produced, descriptor.contentSize()) > 0) {
      throw wrongSize(at, "holds at least");
    }
    window.drainTo(target);
    state = State.BLOCK_LENGTH;
    return true;
  }

  /** Decodes a block into the target where that is possible, else into the window. */
  private void content(ByteBuffer block, ByteBuffer target) {
    boolean linked = descriptor.linkedBlocks();
    int most =
        storedRaw
            ? blockLength
            : (int) Math.min(descriptor.blockSize(), (long) blockLength * HIGHEST_RATIO);
    boolean straight = !linked && target.remaining() >= most;
    ByteBuffer room =
        straight ? target.duplicate().limit(target.position() + most) : window.room(most);
    int length = decode(block, room, linked);
    room.limit(room.position() + length);
    if (descriptor.hasContentChecksum()) {
      checksum.update(room);
    }
    produced += length;
    if (straight) {
      target.position(room.limit());
    } else {
      window.commit(length, linked);
    }
  }

  private int decode(ByteBuffer block, ByteBuffer room, boolean linked) {
    if (storedRaw) {
      room.put(room.position(), block, block.position(), blockLength);
      return blockLength;
    }
    return linked
        ? SequenceDecoder.decode(block, room, window.history())
        : decoder.decode(block, room);
  }

  private void endOfBlocks(ByteBuffer source) {
    if (descriptor.declaresSize() && produced != descriptor.contentSize()) {
      throw wrongSize(offset(source) - LENGTH_LENGTH, "holds");
    }
    if (descriptor.hasContentChecksum()) {
      state = State.CONTENT_CHECKSUM;
    } else {
      endOfFrame();
    }
  }

  private boolean contentChecksum(ByteBuffer source) {
    if (takeInt() != checksum.value()) {
      throw corrupt(
          offset(source) - CHECKSUM_LENGTH, "the checksum of the LZ4 frame's content differs");
    }
    endOfFrame();
    return true;
  }

  private boolean skipLength() {
    skip = Integer.toUnsignedLong(takeInt());
    state = State.SKIPPED;
    return true;
  }

  private boolean skip(ByteBuffer source) {
    int length = (int) Math.min(skip, source.remaining());
    source.position(source.position() + length);
    skip -= length;
    if (skip > 0) {
      return false;
    }
    endOfFrame();
    return true;
  }

  private void endOfFrame() {
    frameSeen = true;
    state = State.MAGIC;
  }

  /**
   * Whether {@link #field} holds {@code length} bytes, after taking what the source has of them.
   */
  private boolean gather(ByteBuffer source, int length) {
    while (field.position() < length && source.hasRemaining()) {
      field.put(source.get());
    }
    return field.position() >= length;
  }

  private int takeInt() {
    field.clear();
    return field.getInt(0);
  }

  private long offset(ByteBuffer source) {
    return sourceStart + source.position();
  }

  private CorruptCheckpointException wrongSize(long at, String holds) {
    return corrupt(
        at,
        "the LZ4 frame declares "
            + Long.toUnsignedString(descriptor.contentSize())
            + " bytes of content, but "
            + holds
            + " "
            + Long.toUnsignedString(produced));
  }

  private static CorruptCheckpointException corrupt(long at, String reason) {
    return new CorruptCheckpointException(at, reason);
  }

  @Override
  public void close() {
    closed = true;
    stage.release();
    window.release();
    checksum.close();
  }
}
