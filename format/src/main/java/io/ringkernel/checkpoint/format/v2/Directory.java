package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import io.ringkernel.checkpoint.format.wire.ByteWriter;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The top level of the index: every chunk with where its pages are, every ancestor, and the totals;
 * {@link DirectoryDecoder} reads it back.
 *
 * @param chunks in order
 * @param ancestors those that blocks refer to
 * @param totals over all chunks
 */
record Directory(List<Entry> chunks, List<Ancestor> ancestors, Totals totals) {
  static final int NAMED = 0x01;
  static final int FINGERPRINTS_FROM_KERNEL = 0x02;
  static final int ANCESTOR_SIZE = ObjectId.LENGTH + RootHash.LENGTH;

  /**
   * A chunk.
   *
   * @param type its type's code; unsigned
   * @param id its id; unsigned
   * @param occurrence counts chunks of one type and id from 0
   * @param flags the application's
   * @param name of a region, when known
   * @param algorithm of its fingerprints
   * @param fingerprintsFromKernel whether the kernel brought them
   * @param size raw bytes
   * @param stored payload bytes of its blocks in this file
   * @param pages in order
   */
  record Entry(
      int type,
      long id,
      int occurrence,
      int flags,
      @Nullable String name,
      FingerprintAlgorithm algorithm,
      boolean fingerprintsFromKernel,
      long size,
      long stored,
      List<PageRef> pages) {
    /** The same chunk, stored elsewhere. */
    Entry moved(long newStored, List<PageRef> newPages) {
      return new Entry(
          type,
          id,
          occurrence,
          flags,
          name,
          algorithm,
          fingerprintsFromKernel,
          size,
          newStored,
          newPages);
    }
  }

  /**
   * Where an index page is.
   *
   * @param position of its local header
   * @param length bytes of its payload
   * @param sha256 of its payload, in lower-case hex
   */
  record PageRef(long position, int length, String sha256) {}

  /**
   * Sums over all chunks.
   *
   * @param size raw bytes
   * @param stored payload bytes of blocks in this file
   * @param blocks all of them
   * @param zeroBlocks those that are all zero
   * @param ancestorBlocks those in other files
   */
  record Totals(long size, long stored, long blocks, long zeroBlocks, long ancestorBlocks) {}

  ByteBuffer encode() {
    ByteWriter out = new ByteWriter(64 + chunks.size() * 128 + ancestors.size() * ANCESTOR_SIZE);
    out.u32(chunks.size());
    chunks.forEach(chunk -> put(out, chunk));
    out.u32(ancestors.size());
    ancestors.forEach(a -> out.bytes(a.id().bytes()).bytes(a.rootHash().bytes()));
    out.u64(totals.size).u64(totals.stored).u64(totals.blocks);
    return out.u64(totals.zeroBlocks).u64(totals.ancestorBlocks).view();
  }

  private static void put(ByteWriter out, Entry chunk) {
    int bits =
        (chunk.name == null ? 0 : NAMED)
            | (chunk.fingerprintsFromKernel ? FINGERPRINTS_FROM_KERNEL : 0);
    out.u32(chunk.type).u64(chunk.id).u32(chunk.occurrence).u32(chunk.flags);
    out.u8(0).u8(chunk.algorithm.code()).u8(bits).u8(0).u64(chunk.size).u64(chunk.stored);
    if (chunk.name != null) {
      out.string(chunk.name);
    }
    out.u32(chunk.pages.size());
    chunk.pages.forEach(
        page ->
            out.u64(page.position).u32(page.length).bytes(HexFormat.of().parseHex(page.sha256)));
  }
}
