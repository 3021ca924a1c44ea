package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import io.ringkernel.checkpoint.format.v2.Directory.Entry;
import io.ringkernel.checkpoint.format.v2.Directory.PageRef;
import io.ringkernel.checkpoint.format.v2.Directory.Totals;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a {@link Directory} and checks that it is consistent in itself. */
final class DirectoryDecoder {
  private static final int PAGE_REF_SIZE = 8 + 4 + 32;
  private static final int LEAST_ENTRY_SIZE = 44;

  private final ByteReader in;
  private final int blockSize;
  private final long maxSize;

  /** Where the sections before it must end: its local header. */
  private final long directoryPosition;

  private final Map<Identity, Integer> occurrences = new HashMap<>();
  private long size;
  private long stored;
  private long blocks;

  /**
   * @param payload its bytes
   * @param position of the payload in the file
   * @param blockSize from the header
   * @param maxSize the largest sum of raw sizes allowed
   */
  DirectoryDecoder(ByteBuffer payload, long position, int blockSize, long maxSize) {
    this.in = new ByteReader(payload, position);
    this.blockSize = blockSize;
    this.maxSize = maxSize;
    this.directoryPosition = position - Layout.LOCAL_HEADER_SIZE;
  }

  /** Ordered, so that a file full of equal hash codes does not make a map slow. */
  private record Identity(int type, long id) implements Comparable<Identity> {
    @Override
    public int compareTo(Identity other) {
      int byType = Integer.compare(type, other.type);
      return byType == 0 ? Long.compare(id, other.id) : byType;
    }
  }

  Directory decode() {
    int chunkCount = count("chunk count", Layout.MAX_CHUNKS, LEAST_ENTRY_SIZE);
    List<Entry> chunks = new ArrayList<>(chunkCount);
    for (int i = 0; i < chunkCount; i++) {
      chunks.add(entry());
    }
    List<Ancestor> ancestors = ancestors();
    Totals totals = totals();
    in.end("the directory");
    return new Directory(List.copyOf(chunks), ancestors, totals);
  }

  /** A count that the format bounds, and of which each takes a least number of bytes. */
  private int count(String what, int most, int leastBytes) {
    long at = in.position();
    long found = Integer.toUnsignedLong(in.u32(what));
    int limit = Math.min(most, in.remaining() / leastBytes);
    return in.count(found, limit, at, what);
  }

  private Entry entry() {
    int type = in.u32("chunk type");
    long id = in.u64("chunk id");
    int occurrence = occurrence(type, id);
    int flags = in.u32("chunk flags");
    long at = in.position();
    verify(in.u8("filter") == 0, at, "the filter is unknown");
    FingerprintAlgorithm algorithm = algorithm();
    int bits = in.u8("chunk bits");
    verify(
        (bits & ~(Directory.NAMED | Directory.FINGERPRINTS_FROM_KERNEL)) == 0,
        at + 2,
        "reserved bits are set");
    verify(in.u8("reserved") == 0, at + 3, "a reserved byte is set");
    long chunkSize = chunkSize();
    long chunkStored = in.u64("stored size");
    verify(
        chunkStored >= 0 && chunkStored <= directoryPosition - stored,
        at + 12,
        "more bytes are stored than there are");
    stored += chunkStored;
    return new Entry(
        type,
        id,
        occurrence,
        flags,
        (bits & Directory.NAMED) == 0 ? null : in.string("chunk name"),
        algorithm,
        (bits & Directory.FINGERPRINTS_FROM_KERNEL) != 0,
        chunkSize,
        chunkStored,
        pages(Layout.blocks(chunkSize, blockSize)));
  }

  private int occurrence(int type, long id) {
    long at = in.position();
    int found = in.u32("occurrence");
    int before = occurrences.merge(new Identity(type, id), 1, Integer::sum) - 1;
    verify(
        found == before,
        at,
        "occurrence is "
            + Integer.toUnsignedString(found)
            + ", chunks of this identity before it: "
            + before);
    return found;
  }

  private FingerprintAlgorithm algorithm() {
    long at = in.position();
    int code = in.u8("fingerprint algorithm");
    return FingerprintAlgorithm.ofCode(code)
        .orElseThrow(
            () ->
                new CorruptCheckpointException(
                    at, "fingerprint algorithm " + code + " is unknown"));
  }

  private long chunkSize() {
    long at = in.position();
    long found = in.u64("chunk size");
    if (Long.compareUnsigned(found, maxSize - size) > 0) {
      throw new LimitExceededException("restored size", size + found, maxSize);
    }
    size += found;
    long count = Layout.blocks(found, blockSize);
    verify(count <= Layout.MAX_BLOCKS, at, "a chunk of " + count + " blocks can't be numbered");
    blocks += count;
    return found;
  }

  private List<PageRef> pages(long blocksOfChunk) {
    long at = in.position();
    long expected = Layout.blocks(blocksOfChunk, Layout.BLOCKS_PER_PAGE);
    int count = count("page count", Integer.MAX_VALUE, PAGE_REF_SIZE);
    verify(count == expected, at, "page count is " + count + ", the size asks for " + expected);
    List<PageRef> pages = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      pages.add(page());
    }
    return List.copyOf(pages);
  }

  private PageRef page() {
    long at = in.position();
    long position = in.u64("page position");
    int length =
        in.count(
            Integer.toUnsignedLong(in.u32("page length")),
            Layout.MAX_PAGE_LENGTH,
            at + 8,
            "page length");
    verify(
        position >= Layout.HEADER_SIZE
            && position <= directoryPosition - Layout.LOCAL_HEADER_SIZE - length,
        at,
        "an index page is not within the file");
    return new PageRef(position, length, HexFormat.of().formatHex(in.bytes(32, "page hash")));
  }

  private List<Ancestor> ancestors() {
    int count = count("ancestor count", Layout.MAX_ANCESTORS, Directory.ANCESTOR_SIZE);
    List<Ancestor> ancestors = new ArrayList<>(count);
    Set<ObjectId> ids = new HashSet<>();
    for (int i = 0; i < count; i++) {
      long at = in.position();
      ObjectId id = ObjectId.of(in.bytes(ObjectId.LENGTH, "ancestor id"));
      verify(ids.add(id), at, "ancestor " + id + " is there twice");
      RootHash hash = RootHash.of(in.bytes(RootHash.LENGTH, "ancestor root hash"));
      ancestors.add(new Ancestor(id, hash));
    }
    return List.copyOf(ancestors);
  }

  private Totals totals() {
    long at = in.position();
    Totals totals =
        new Totals(
            in.u64("size"),
            in.u64("stored"),
            in.u64("blocks"),
            in.u64("zero blocks"),
            in.u64("ancestor blocks"));
    verify(
        totals.size() == size
            && totals.stored() == stored
            && totals.blocks() == blocks
            && totals.zeroBlocks() >= 0
            && totals.ancestorBlocks() >= 0
            && totals.ancestorBlocks() <= blocks - totals.zeroBlocks(),
        at,
        "the totals are not those of the chunks");
    return totals;
  }
}
