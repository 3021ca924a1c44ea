package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import io.ringkernel.checkpoint.format.wire.MetadataRecord;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes a valid file by hand, or one with a single thing broken: a hook changes one part before the
 * checksums over it are computed, so that the check meant, and no earlier one, must find it.
 */
final class FileBuilder {
  static final int BLOCK_SIZE = 4096;

  int blockSize = BLOCK_SIZE;
  ObjectId objectId = ObjectId.of(new byte[16]);
  CheckpointMetadata metadata =
      CheckpointMetadata.builder("kernel", "wave").step(7).custom("owner", "tests").build();
  FingerprintAlgorithm algorithm = FingerprintAlgorithm.XXH3_128;
  final List<Ancestor> ancestors = new ArrayList<>();

  UnaryOperator<Header> header = UnaryOperator.identity();
  UnaryOperator<ByteBuffer> metadataBytes = UnaryOperator.identity();
  UnaryOperator<LocalHeader> localHeader = UnaryOperator.identity();
  UnaryOperator<byte[]> storedBytes = UnaryOperator.identity();
  UnaryOperator<BlockLocation> location = UnaryOperator.identity();
  UnaryOperator<IndexPage> page = UnaryOperator.identity();
  UnaryOperator<ByteBuffer> pageBytes = UnaryOperator.identity();
  UnaryOperator<Directory> directory = UnaryOperator.identity();
  UnaryOperator<ByteBuffer> directoryBytes = UnaryOperator.identity();
  UnaryOperator<Trailer> trailer = UnaryOperator.identity();
  byte[] beforePages = new byte[0];
  byte[] beforeDirectory = new byte[0];

  private final List<Chunk> chunks = new ArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<List<Directory.PageRef>> pageRefs = new ArrayList<>();
  private final List<long[]> storedSizes = new ArrayList<>();
  private long zeroBlocks;
  private long ancestorBlocks;

  /** A chunk; {@code elsewhere} says by block which ones are in ancestors. */
  private static final class Chunk {
    final ChunkType type;
    final long id;
    final @Nullable String name;
    final byte[] content;
    final boolean compressed;
    final Map<Integer, BlockLocation> elsewhere;

    Chunk(
        ChunkType type,
        long id,
        @Nullable String name,
        byte[] content,
        boolean compressed,
        Map<Integer, BlockLocation> elsewhere) {
      this.type = type;
      this.id = id;
      this.name = name;
      this.content = content;
      this.compressed = compressed;
      this.elsewhere = elsewhere;
    }
  }

  FileBuilder chunk(ChunkType type, long id, byte[] content) {
    chunks.add(new Chunk(type, id, null, content, false, Map.of()));
    return this;
  }

  FileBuilder region(String name, byte[] content) {
    long id = io.ringkernel.checkpoint.DataChunk.regionId(name);
    chunks.add(new Chunk(ChunkType.DEVICE_MEMORY, id, name, content, false, Map.of()));
    return this;
  }

  FileBuilder compressed(String name, byte[] content) {
    long id = io.ringkernel.checkpoint.DataChunk.regionId(name);
    chunks.add(new Chunk(ChunkType.DEVICE_MEMORY, id, name, content, true, Map.of()));
    return this;
  }

  /** A region of which some blocks are in ancestors. */
  FileBuilder delta(String name, byte[] content, Map<Integer, BlockLocation> elsewhere) {
    long id = io.ringkernel.checkpoint.DataChunk.regionId(name);
    chunks.add(new Chunk(ChunkType.DEVICE_MEMORY, id, name, content, false, elsewhere));
    return this;
  }

  /** The file. A builder makes one. */
  byte[] build() {
    ByteBuffer record = metadataBytes.apply(MetadataRecord.encode(metadata));
    Header head =
        header.apply(
            new Header(blockSize, record.remaining(), Layout.crc32(record), 0, 1234567, objectId));
    put(head.encode());
    put(record);
    List<List<IndexPage>> pages = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i++) {
      pages.add(blocks(i));
    }
    out.writeBytes(beforePages);
    int ordinal = 0;
    for (List<IndexPage> ofChunk : pages) {
      List<Directory.PageRef> refs = new ArrayList<>();
      for (IndexPage each : ofChunk) {
        refs.add(put(each, ordinal++));
      }
      pageRefs.add(refs);
    }
    out.writeBytes(beforeDirectory);
    ByteBuffer payload = directoryBytes.apply(directory.apply(directory()).encode());
    long position = out.size();
    put(
        localHeader
            .apply(new LocalHeader(Layout.DIRECTORY_SECTION, 0, payload.remaining(), 0))
            .encode());
    put(payload);
    put(trailer.apply(Trailer.of(head.encode(), record, payload, position)).encode());
    return out.toByteArray();
  }

  private List<IndexPage> blocks(int chunk) {
    byte[] content = chunks.get(chunk).content;
    int count = (int) Layout.blocks(content.length, blockSize);
    List<BlockLocation> locations = new ArrayList<>();
    byte[] prints = new byte[count * algorithm.length()];
    Fingerprinter fingerprinter = Fingerprinter.of(algorithm);
    storedSizes.add(new long[1]);
    for (int i = 0; i < count; i++) {
      int start = i * blockSize;
      byte[] raw = Arrays.copyOfRange(content, start, Math.min(content.length, start + blockSize));
      fingerprinter.hash(ByteBuffer.wrap(raw), prints, i * algorithm.length());
      locations.add(location.apply(block(chunk, i, raw)));
    }
    List<IndexPage> pages = new ArrayList<>();
    for (int first = 0; first < count; first += Layout.BLOCKS_PER_PAGE) {
      int end = Math.min(count, first + Layout.BLOCKS_PER_PAGE);
      byte[] values =
          Arrays.copyOfRange(prints, first * algorithm.length(), end * algorithm.length());
      pages.add(
          page.apply(
              new IndexPage(
                  chunk,
                  first,
                  List.copyOf(locations.subList(first, end)),
                  BlockFingerprints.of(blockSize, algorithm, values))));
    }
    return pages;
  }

  private BlockLocation block(int chunk, int number, byte[] raw) {
    BlockLocation elsewhere = chunks.get(chunk).elsewhere.get(number);
    if (elsewhere != null) {
      ancestorBlocks++;
      return elsewhere;
    }
    if (Arrays.equals(raw, new byte[raw.length])) {
      zeroBlocks++;
      return BlockLocation.ZERO;
    }
    byte[] packed = chunks.get(chunk).compressed ? RunLengthCodec.compress(raw) : raw;
    boolean helps = packed.length < raw.length;
    int codec = helps ? RunLengthCodec.CODE : 0;
    byte[] stored = storedBytes.apply(helps ? packed : raw);
    long position = out.size();
    put(localHeader.apply(new LocalHeader(chunk, number, stored.length, codec)).encode());
    out.writeBytes(stored);
    storedSizes.get(chunk)[0] += stored.length;
    BlockLocation.Kind kind = helps ? BlockLocation.Kind.COMPRESSED : BlockLocation.Kind.RAW;
    int crc = helps ? Layout.crc32(ByteBuffer.wrap(stored)) : 0;
    return new BlockLocation(kind, BlockLocation.HERE, position, stored.length, codec, crc);
  }

  private Directory.PageRef put(IndexPage each, int ordinal) {
    ByteBuffer payload = pageBytes.apply(each.encode());
    long position = out.size();
    put(
        localHeader
            .apply(new LocalHeader(Layout.PAGE_SECTION, ordinal, payload.remaining(), 0))
            .encode());
    put(payload);
    return new Directory.PageRef(position, payload.remaining(), sha256(payload));
  }

  static String sha256(ByteBuffer bytes) {
    MessageDigest digest = Fingerprinter.sha256();
    digest.update(bytes.duplicate());
    return HexFormat.of().formatHex(digest.digest());
  }

  private Directory directory() {
    List<Directory.Entry> entries = new ArrayList<>();
    Map<List<Long>, Integer> occurrences = new HashMap<>();
    long size = 0;
    long stored = 0;
    long blocks = 0;
    for (int i = 0; i < chunks.size(); i++) {
      Chunk chunk = chunks.get(i);
      List<Long> identity = List.of((long) chunk.type.code(), chunk.id);
      entries.add(
          new Directory.Entry(
              chunk.type.code(),
              chunk.id,
              occurrences.merge(identity, 1, Integer::sum) - 1,
              0,
              chunk.name,
              algorithm,
              false,
              chunk.content.length,
              storedSizes.get(i)[0],
              pageRefs.get(i)));
      size += chunk.content.length;
      stored += storedSizes.get(i)[0];
      blocks += Layout.blocks(chunk.content.length, blockSize);
    }
    return new Directory(
        entries, ancestors, new Directory.Totals(size, stored, blocks, zeroBlocks, ancestorBlocks));
  }

  private void put(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    out.writeBytes(copy);
  }
}
