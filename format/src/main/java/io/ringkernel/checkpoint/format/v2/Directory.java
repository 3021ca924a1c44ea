package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import io.ringkernel.checkpoint.format.wire.ByteWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The top level of the index: every chunk with where its pages are, every ancestor, and the totals.
 *
 * @param chunks in order
 * @param ancestors those that blocks refer to
 * @param totals over all chunks
 */
record Directory(List<Entry> chunks, List<Ancestor> ancestors, Totals totals) {
  private static final int NAMED = 0x01;
  private static final int FINGERPRINTS_FROM_KERNEL = 0x02;
  private static final int PAGE_REF_SIZE = 8 + 4 + 32;
  private static final int ANCESTOR_SIZE = ObjectId.LENGTH + RootHash.LENGTH;
  private static final int LEAST_ENTRY_SIZE = 44;

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
      List<PageRef> pages) {}

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

  /**
   * Reads a directory and checks that it is consistent in itself.
   *
   * @param payload its bytes
   * @param position of the payload in the file
   * @param blockSize from the header
   * @param maxSize the largest sum of raw sizes allowed
   */
  static Directory decode(ByteBuffer payload, long position, int blockSize, long maxSize) {
    ByteReader in = new ByteReader(payload, position);
    int chunkCount =
        in.count(
            Integer.toUnsignedLong(in.u32("chunk count")),
            in.remaining() / LEAST_ENTRY_SIZE,
            position,
            "chunk count");
    List<Entry> chunks = new ArrayList<>(chunkCount);
    long sizeLeft = maxSize;
    for (int i = 0; i < chunkCount; i++) {
      Entry chunk = entry(in, position, blockSize, sizeLeft);
      sizeLeft -= chunk.size;
      chunks.add(chunk);
    }
    List<Ancestor> ancestors = ancestors(in);
    long totalsAt = in.position();
    Totals totals =
        new Totals(
            in.u64("size"), in.u64("stored"), in.u64("blocks"), in.u64("zero"), in.u64("foreign"));
    in.end("the directory");
    verify(
        totals.size == maxSize - sizeLeft
            && totals.stored == chunks.stream().mapToLong(Entry::stored).sum()
            && totals.blocks
                == chunks.stream().mapToLong(c -> Layout.blocks(c.size, blockSize)).sum()
            && totals.zeroBlocks >= 0
            && totals.zeroBlocks <= totals.blocks
            && totals.ancestorBlocks >= 0
            && totals.ancestorBlocks <= totals.blocks - totals.zeroBlocks,
        totalsAt,
        "the totals are not those of the chunks");
    return new Directory(chunks, ancestors, totals);
  }

  private static Entry entry(ByteReader in, long directoryAt, int blockSize, long sizeLeft) {
    int type = in.u32("chunk type");
    long id = in.u64("chunk id");
    int occurrence = in.u32("occurrence");
    int flags = in.u32("chunk flags");
    long at = in.position();
    verify(in.u8("filter") == 0, at, "the filter is unknown");
    int code = in.u8("fingerprint algorithm");
    FingerprintAlgorithm algorithm = FingerprintAlgorithm.ofCode(code).orElse(null);
    verify(algorithm != null, at + 1, "fingerprint algorithm " + code + " is unknown");
    int bits = in.u8("chunk bits");
    verify((bits & ~(NAMED | FINGERPRINTS_FROM_KERNEL)) == 0, at + 2, "reserved bits are set");
    verify(in.u8("reserved") == 0, at + 3, "a reserved byte is set");
    long size = in.u64("chunk size");
    verify(
        Long.compareUnsigned(size, sizeLeft) <= 0,
        at + 4,
        "chunk size "
            + Long.toUnsignedString(size)
            + " is above the limit on the restored size, of which "
            + sizeLeft
            + " are left");
    long stored = in.u64("stored size");
    verify(stored >= 0 && stored <= directoryAt, at + 12, "more bytes are stored than there are");
    String name = (bits & NAMED) == 0 ? null : in.string("chunk name");
    List<PageRef> pages = pages(in, directoryAt, Layout.blocks(size, blockSize));
    return new Entry(
        type,
        id,
        occurrence,
        flags,
        name,
        Objects.requireNonNull(algorithm),
        (bits & FINGERPRINTS_FROM_KERNEL) != 0,
        size,
        stored,
        pages);
  }

  private static List<PageRef> pages(ByteReader in, long directoryAt, long blocks) {
    long at = in.position();
    long expected = Layout.blocks(blocks, Layout.BLOCKS_PER_PAGE);
    long count = Integer.toUnsignedLong(in.u32("page count"));
    verify(count == expected, at, "page count is " + count + ", the size asks for " + expected);
    in.count(count, in.remaining() / PAGE_REF_SIZE, at, "page count");
    List<PageRef> pages = new ArrayList<>((int) count);
    for (int i = 0; i < count; i++) {
      long refAt = in.position();
      long position = in.u64("page position");
      int length = in.u32("page length");
      verify(
          position >= Layout.HEADER_SIZE
              && position < directoryAt - 2L * Layout.LOCAL_HEADER_SIZE
              && length >= 0
              && length <= directoryAt - 2L * Layout.LOCAL_HEADER_SIZE - position,
          refAt,
          "an index page is not within the file");
      pages.add(new PageRef(position, length, HexFormat.of().formatHex(in.bytes(32, "page hash"))));
    }
    return List.copyOf(pages);
  }

  private static List<Ancestor> ancestors(ByteReader in) {
    long at = in.position();
    int count =
        in.count(
            Integer.toUnsignedLong(in.u32("ancestor count")),
            Math.min(Layout.MAX_ANCESTORS, in.remaining() / ANCESTOR_SIZE),
            at,
            "ancestor count");
    List<Ancestor> ancestors = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ancestors.add(
          new Ancestor(
              ObjectId.of(in.bytes(ObjectId.LENGTH, "ancestor id")),
              RootHash.of(in.bytes(RootHash.LENGTH, "ancestor root hash"))));
    }
    return ancestors;
  }
}
