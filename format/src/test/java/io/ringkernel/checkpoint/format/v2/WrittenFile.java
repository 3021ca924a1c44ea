package io.ringkernel.checkpoint.format.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import io.ringkernel.checkpoint.format.wire.MetadataRecord;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A file taken apart front to back, by the layout records alone, as salvage would: each section is
 * found where the one before it ends. Then the index is read from the end, and the two views are
 * compared.
 */
final class WrittenFile {
  /**
   * One section.
   *
   * @param position of its local header
   * @param header before the payload
   * @param payload its bytes, from position to limit
   */
  record Section(long position, LocalHeader header, ByteBuffer payload) {
    boolean isPage() {
      return header.chunk() == Layout.PAGE_SECTION;
    }

    boolean isBlock() {
      return !isPage() && header.chunk() != Layout.DIRECTORY_SECTION;
    }
  }

  final byte[] bytes;
  final Header header;
  final CheckpointMetadata metadata;
  final List<Section> sections = new ArrayList<>();
  private final Map<Long, Section> byPosition = new HashMap<>();
  final Trailer trailer;
  final Directory directory;

  /** Of each chunk. */
  final List<List<IndexPage>> pages = new ArrayList<>();

  WrittenFile(byte[] bytes) {
    this.bytes = bytes;
    ByteBuffer start = slice(0, Layout.HEADER_SIZE);
    header = Header.decode(start, 1 << 20);
    ByteBuffer record = slice(Layout.HEADER_SIZE, header.metadataLength());
    assertThat(Layout.crc32(record)).isEqualTo(header.metadataCrc32());
    metadata =
        MetadataRecord.decode(
            new ByteReader(record, Layout.HEADER_SIZE), header.createdAtMicros(), false);
    trailer =
        Trailer.decode(
            slice(bytes.length - Layout.TRAILER_SIZE, Layout.TRAILER_SIZE), bytes.length);
    readSections(Layout.HEADER_SIZE + header.metadataLength());
    Section last = sections.get(sections.size() - 1);
    assertThat(last.position).isEqualTo(trailer.directoryPosition());
    assertThat(last.header.chunk()).isEqualTo(Layout.DIRECTORY_SECTION);
    ByteBuffer payload = last.payload;
    assertThat(Layout.crc32(payload)).isEqualTo(trailer.directoryCrc32());
    assertThat(trailer.rootHash(start, record, payload)).isEqualTo(trailer.rootHash());
    directory =
        new DirectoryDecoder(
                payload,
                last.position + Layout.LOCAL_HEADER_SIZE,
                header.blockSize(),
                Long.MAX_VALUE)
            .decode();
    readPages();
  }

  private ByteBuffer slice(long from, int length) {
    return ByteBuffer.wrap(bytes).slice((int) from, length);
  }

  private void readSections(long start) {
    long at = start;
    while (at < bytes.length - Layout.TRAILER_SIZE) {
      LocalHeader found = LocalHeader.read(slice(at, Layout.LOCAL_HEADER_SIZE));
      assertThat(found).as("local header at %d", at).isNotNull();
      ByteBuffer payload = slice(at + Layout.LOCAL_HEADER_SIZE, found.storedLength());
      Section section = new Section(at, found, payload);
      sections.add(section);
      byPosition.put(at, section);
      at += Layout.LOCAL_HEADER_SIZE + found.storedLength();
    }
    assertThat(at).isEqualTo(bytes.length - Layout.TRAILER_SIZE);
  }

  private void readPages() {
    for (int chunk = 0; chunk < directory.chunks().size(); chunk++) {
      List<IndexPage> read = new ArrayList<>();
      List<Directory.PageRef> refs = directory.chunks().get(chunk).pages();
      for (int i = 0; i < refs.size(); i++) {
        Directory.PageRef ref = refs.get(i);
        ByteBuffer payload = slice(ref.position() + Layout.LOCAL_HEADER_SIZE, ref.length());
        assertThat(HexFormat.of().formatHex(sha256(payload))).isEqualTo(ref.sha256());
        read.add(
            new IndexPageDecoder(
                    payload,
                    ref.position() + Layout.LOCAL_HEADER_SIZE,
                    header.blockSize(),
                    directory,
                    chunk,
                    trailer.directoryPosition())
                .decode(i));
      }
      pages.add(read);
    }
  }

  private static byte[] sha256(ByteBuffer payload) {
    MessageDigest digest = Fingerprinter.sha256();
    digest.update(payload.duplicate());
    return digest.digest();
  }

  /** The sections that are blocks, as they stand in the file. */
  List<Section> blocks() {
    return sections.stream().filter(Section::isBlock).toList();
  }

  /** The sections that are index pages. */
  List<Section> pageSections() {
    return sections.stream().filter(Section::isPage).toList();
  }

  /** Where the index says that a chunk's blocks are. */
  List<BlockLocation> locations(int chunk) {
    return pages.get(chunk).stream().flatMap(page -> page.locations().stream()).toList();
  }

  /** A fingerprint as the index has it. */
  byte[] fingerprint(int chunk, int block) {
    return pages
        .get(chunk)
        .get(block / Layout.BLOCKS_PER_PAGE)
        .fingerprints()
        .get(block % Layout.BLOCKS_PER_PAGE);
  }

  /** The section that the index means. */
  Section at(BlockLocation location) {
    return Objects.requireNonNull(byPosition.get(location.position()));
  }

  /** A chunk's raw bytes, as the index and the sections have them. */
  byte[] raw(int chunk) {
    ByteBuffer raw = ByteBuffer.allocate((int) directory.chunks().get(chunk).size());
    for (BlockLocation location : locations(chunk)) {
      int length = Math.min(header.blockSize(), raw.remaining());
      switch (location.kind()) {
        case ZERO -> raw.position(raw.position() + length);
        case RAW -> raw.put(at(location).payload.duplicate());
        case COMPRESSED -> raw.put(DeflateCodec.inflate(at(location).payload, length));
      }
    }
    assertThat(raw.hasRemaining()).isFalse();
    return raw.array();
  }
}
