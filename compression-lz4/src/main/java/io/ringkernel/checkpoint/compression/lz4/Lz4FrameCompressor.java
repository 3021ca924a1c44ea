package io.ringkernel.checkpoint.compression.lz4;

import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.CHECKSUM_LENGTH;
import static io.ringkernel.checkpoint.compression.lz4.Lz4FrameFormat.LENGTH_LENGTH;

import io.ringkernel.checkpoint.compression.BlockCompressor;
import io.ringkernel.checkpoint.compression.FrameCompressor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jpountz.xxhash.XXHash32;
import org.jspecify.annotations.Nullable;

/**
 * Writes one LZ4 frame: independent blocks of 1 MiB and a content checksum.
 *
 * <p>Blocks are cut at multiples of 1 MiB whatever the pieces are, so the bytes of a frame do not
 * depend on them. A piece that holds a whole block is compressed from where it lies; what does not
 * fill one is gathered.
 */
final class Lz4FrameCompressor implements FrameCompressor {
  // Larger blocks hardly compress better (matches reach back 64 KiB), and heap memory in native
  // hands holds up the garbage collector for as long as one block takes.
  private static final FrameDescriptor DESCRIPTOR =
      new FrameDescriptor(
          Lz4FrameFormat.VERSION_1
              | Lz4FrameFormat.INDEPENDENT_BLOCKS
              | Lz4FrameFormat.CONTENT_CHECKSUM,
          6,
          0);
  private static final int BLOCK = DESCRIPTOR.blockSize();
  private static final int HEAD = Lz4FrameFormat.MAGIC_LENGTH + Lz4FrameFormat.SHORTEST_DESCRIPTOR;
  private static final int TAIL = LENGTH_LENGTH + CHECKSUM_LENGTH;

  private enum State {
    NEW,
    STARTED,
    COMPLETE,
    CLOSED
  }

  private final BlockCompressor blocks;
  private final XXHash32 xxHash;
  private final ContentChecksum checksum;
  private State state = State.NEW;
  private @Nullable ByteBuffer gathered;

  /** Takes over {@code blocks} and {@code checksum} and closes them. */
  Lz4FrameCompressor(BlockCompressor blocks, XXHash32 xxHash, ContentChecksum checksum) {
    this.blocks = blocks;
    this.xxHash = xxHash;
    this.checksum = checksum;
  }

  @Override
  public int maxOutput(int rawLength) {
    if (rawLength < 0) {
      throw new IllegalArgumentException("a length is at least 0, not " + rawLength);
    }
    // What an earlier call left gathered may come out as well.
    long raw = (long) BLOCK - 1 + rawLength;
    long most = HEAD + raw + (raw / BLOCK + 1) * LENGTH_LENGTH + TAIL;
    if (most > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          rawLength + " bytes are too many for one call; cut them into smaller pieces");
    }
    return (int) most;
  }

  @Override
  public void compress(ByteBuffer source, ByteBuffer target, boolean last) {
    if (state == State.COMPLETE || state == State.CLOSED) {
      throw new IllegalStateException("this lz4 frame compressor is " + state);
    }
    int needed = maxOutput(source.remaining());
    if (target.remaining() < needed) {
      throw new IllegalArgumentException(
          "the target has room for " + target.remaining() + " bytes, but needs " + needed);
    }
    ByteBuffer out = target.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (state == State.NEW) {
      begin(out);
    }
    checksum.update(source);
    writeBlocks(source, out);
    if (last) {
      end(out);
    }
    target.position(out.position());
  }

  private void begin(ByteBuffer out) {
    checksum.reset();
    out.putInt(Lz4FrameFormat.MAGIC);
    DESCRIPTOR.write(out, xxHash);
    state = State.STARTED;
  }

  /** Writes every block that is complete and gathers the rest. */
  private void writeBlocks(ByteBuffer source, ByteBuffer out) {
    if (gathered != null && gathered.position() > 0) {
      gather(source);
      if (gathered.hasRemaining()) {
        return;
      }
      writeGathered(gathered, out);
    }
    int limit = source.limit();
    while (limit - source.position() >= BLOCK) {
      source.limit(source.position() + BLOCK);
      writeBlock(source, out);
      source.position(source.limit()).limit(limit);
    }
    if (source.hasRemaining()) {
      gather(source);
    }
  }

  private void gather(ByteBuffer source) {
    ByteBuffer block = gathered;
    if (block == null) {
      block = ByteBuffer.allocate(BLOCK);
      gathered = block;
    }
    int limit = source.limit();
    source.limit(source.position() + Math.min(source.remaining(), block.remaining()));
    block.put(source);
    source.limit(limit);
  }

  private void writeGathered(ByteBuffer block, ByteBuffer out) {
    writeBlock(block.flip(), out);
    block.clear();
  }

  /** Writes one block, raw unless compressing makes it smaller; {@code raw} stays as it is. */
  private void writeBlock(ByteBuffer raw, ByteBuffer out) {
    int start = out.position();
    int rawLength = raw.remaining();
    ByteBuffer smaller =
        out.duplicate()
            .position(start + LENGTH_LENGTH)
            .limit(start + LENGTH_LENGTH + rawLength - 1);
    int length = blocks.compress(raw, smaller);
    if (length == BlockCompressor.DOES_NOT_FIT) {
      out.putInt(rawLength | Lz4FrameFormat.STORED_RAW);
      out.put(out.position(), raw, raw.position(), rawLength);
      length = rawLength;
    } else {
      out.putInt(length);
    }
    out.position(start + LENGTH_LENGTH + length);
  }

  private void end(ByteBuffer out) {
    if (gathered != null && gathered.position() > 0) {
      writeGathered(gathered, out);
    }
    out.putInt(Lz4FrameFormat.END_MARK);
    out.putInt(checksum.value());
    state = State.COMPLETE;
  }

  @Override
  public void close() {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      gathered = null;
      checksum.close();
      blocks.close();
    }
  }
}
