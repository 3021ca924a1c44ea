package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.format.BlockLocation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of one file that are read together, in one request where the file's storage can.
 *
 * @param ancestor which file, as {@link BlockSources#get} takes it
 * @param parts in the order of their positions
 */
record Transfer(int ancestor, List<Part> parts) {
  /**
   * A block and what is wanted of it: all that its reader looks at. Pages are out of the
   * processor's caches when a block's turn has come, and many blocks of an ancestor are far from
   * each other in them.
   *
   * @param chunk index in the directory
   * @param number of the block in its chunk
   * @param location where it is; not all zero
   * @param fingerprint its own alone
   * @param rawLength its raw bytes
   * @param from first raw byte that is wanted
   * @param to behind the last
   * @param targetAt where that byte goes in the target
   */
  record Part(
      int chunk,
      long number,
      BlockLocation location,
      BlockFingerprints fingerprint,
      int rawLength,
      int from,
      int to,
      long targetAt) {

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

    /** Bytes of its section, local header and payload. */
    int sectionLength() {
      return Layout.LOCAL_HEADER_SIZE + storedLength();
    }

    /** Bytes of its section that need memory besides the target. */
    int stagedLength(boolean hasTarget) {
      return hasTarget && isDirect() ? Layout.LOCAL_HEADER_SIZE : sectionLength();
    }
  }

  /** Whether no block of it is compressed. */
  boolean isRaw() {
    return parts.stream().allMatch(part -> part.location().kind() == BlockLocation.Kind.RAW);
  }

  /**
   * Bytes that need memory besides the target.
   *
   * @param hasTarget false when the blocks are only to be verified
   */
  int stagedLength(boolean hasTarget) {
    return parts.stream().mapToInt(part -> part.stagedLength(hasTarget)).sum();
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
   * The blocks where a file holds them in memory.
   *
   * @param view gives a part's section, or null when it is not in one piece of memory
   * @return null when that is so for one of them
   */
  @Nullable List<Section> sections(Function<Part, @Nullable ByteBuffer> view) {
    List<Section> sections = new ArrayList<>(parts.size());
    for (Part part : parts) {
      ByteBuffer section = view.apply(part);
      if (section == null) {
        return null;
      }
      sections.add(
          new Section(
              part,
              section.slice(section.position(), Layout.LOCAL_HEADER_SIZE),
              section.slice(section.position() + Layout.LOCAL_HEADER_SIZE, part.storedLength()),
              false));
    }
    return sections;
  }
}
