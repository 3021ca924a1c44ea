package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.format.BlockLocation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of one file that are read together: one range of its bytes.
 *
 * @param ancestor which file, as {@link BlockSources#get} takes it
 * @param parts in the order of their positions, which don't overlap
 */
record Transfer(int ancestor, List<Part> parts) {
  /**
   * A block and what is wanted of it.
   *
   * @param page describes it
   * @param index in the page; of a block that is not all zero
   * @param rawLength its raw bytes
   * @param from first raw byte that is wanted
   * @param to behind the last
   * @param targetAt where that byte goes in the target
   */
  record Part(IndexPage page, int index, int rawLength, int from, int to, long targetAt) {
    /** Where it is. */
    BlockLocation location() {
      return page.locations().get(index);
    }

    /** Its number in its chunk. */
    long number() {
      return page.firstBlock() + index;
    }

    /** Whether all of the block is wanted. */
    boolean isWhole() {
      return from == 0 && to == rawLength;
    }

    /** Whether its stored bytes are exactly what is wanted, so that they need no other memory. */
    boolean isDirect() {
      return isWhole() && location().kind() == BlockLocation.Kind.RAW;
    }

    int storedLength() {
      return location().storedLength();
    }
  }

  /** Position of the first local header. */
  long position() {
    return parts.get(0).location().position();
  }

  /** Whether no block of it is compressed. */
  boolean isRaw() {
    return parts.stream().allMatch(part -> part.location().kind() == BlockLocation.Kind.RAW);
  }

  /** Bytes from there to the end of the last payload. */
  int length() {
    return (int) (IndexPage.end(parts.get(parts.size() - 1).location()) - position());
  }

  /**
   * Bytes that need memory besides the target.
   *
   * @param hasTarget false when the blocks are only to be verified
   */
  int stagedLength(boolean hasTarget) {
    int direct = 0;
    for (Part part : parts) {
      direct += hasTarget && part.isDirect() ? part.storedLength() : 0;
    }
    return length() - direct;
  }

  /**
   * A block's bytes.
   *
   * @param part which block
   * @param header its local header
   * @param payload its stored bytes
   * @param inPlace whether the payload is where it is wanted
   */
  record Section(Part part, ByteBuffer header, ByteBuffer payload, boolean inPlace) {}

  /**
   * Where one read puts the bytes.
   *
   * @param buffers to be filled in order
   * @param sections the blocks in them
   */
  record Arrangement(List<ByteBuffer> buffers, List<Section> sections) {}

  /**
   * Direct payloads go to the target itself, all else to {@code staging}.
   *
   * @param staging of {@link #stagedLength} bytes
   * @param target null when the blocks are only to be verified
   */
  Arrangement arrange(ByteBuffer staging, @Nullable ByteBuffer target) {
    List<ByteBuffer> buffers = new ArrayList<>();
    List<Section> sections = new ArrayList<>(parts.size());
    long cursor = position();
    int staged = 0;
    int flushed = 0;
    for (Part part : parts) {
      staged += (int) (part.location().position() - cursor);
      ByteBuffer header = staging.slice(staged, Layout.LOCAL_HEADER_SIZE);
      staged += Layout.LOCAL_HEADER_SIZE;
      boolean inPlace = target != null && part.isDirect();
      ByteBuffer payload;
      if (target != null && inPlace) {
        payload = target.slice((int) part.targetAt(), part.storedLength());
        buffers.add(staging.slice(flushed, staged - flushed));
        buffers.add(payload.duplicate());
        flushed = staged;
      } else {
        payload = staging.slice(staged, part.storedLength());
        staged += part.storedLength();
      }
      sections.add(new Section(part, header, payload, inPlace));
      cursor = IndexPage.end(part.location());
    }
    if (staged > flushed) {
      buffers.add(staging.slice(flushed, staged - flushed));
    }
    return new Arrangement(buffers, sections);
  }

  /**
   * The blocks in memory that holds all of the range.
   *
   * @param range from {@link #position}, of {@link #length} bytes
   */
  List<Section> sections(ByteBuffer range) {
    return arrange(range, null).sections();
  }
}
