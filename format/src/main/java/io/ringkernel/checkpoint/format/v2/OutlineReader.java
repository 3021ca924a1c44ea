package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import io.ringkernel.checkpoint.format.wire.MetadataRecord;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.nio.ByteBuffer;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Reads an {@link Outline}: one read of a file's beginning and one of its end, at the same time,
 * and one more for either where it is longer than most. A small file is one read.
 */
final class OutlineReader {
  /** Header and the metadata of nearly every kernel. */
  private static final int HEAD = 4 << 10;

  /** Trailer, directory, and the pages of a state of some hundred MiB. */
  static final int TAIL = 64 << 10;

  /** Trailer and directory of nearly every file: of an ancestor, no page is read. */
  static final int TAIL_WITHOUT_PAGES = 16 << 10;

  private static final int SMALLEST =
      Layout.HEADER_SIZE + Layout.LOCAL_HEADER_SIZE + Layout.TRAILER_SIZE;

  private final ChunkContent file;
  private final DecodeOptions options;
  private final Scheduler workers;
  private final int tailLength;

  OutlineReader(ChunkContent file, DecodeOptions options, Scheduler workers) {
    this(file, options, workers, TAIL);
  }

  /**
   * @param tailLength how much of the end to read first
   */
  OutlineReader(ChunkContent file, DecodeOptions options, Scheduler workers, int tailLength) {
    this.file = file;
    this.options = options;
    this.workers = workers;
    this.tailLength = tailLength;
  }

  private record Head(Header header, ByteBuffer headerBytes, ByteBuffer metadataBytes) {}

  private record Tail(Trailer trailer, ByteBuffer directorySection, ByteBuffer before) {}

  /** The outline, verified. */
  Mono<Outline> read() {
    return Mono.defer(
        () -> {
          long size = requireRoom(file);
          return size <= tailLength ? inOneRead((int) size) : inTwoReads(size);
        });
  }

  /** Only which file it is and where its blocks end. */
  static Mono<Trailer> readTrailer(ChunkContent file) {
    return Mono.defer(
        () -> {
          long size = requireRoom(file);
          return FileBytes.read(file, size - Layout.TRAILER_SIZE, Layout.TRAILER_SIZE)
              .map(bytes -> Trailer.decode(bytes, size));
        });
  }

  private static long requireRoom(ChunkContent file) {
    long size = file.size();
    verify(size >= SMALLEST, size, "the file ends before it can hold a checkpoint");
    return size;
  }

  /** Only what the file is of; the file may end behind the metadata. */
  Mono<CheckpointMetadata> readMetadata() {
    return Mono.defer(
            () -> {
              long size = file.size();
              verify(size >= Layout.HEADER_SIZE, size, "the file ends within its header");
              return bytes(0, (int) Math.min(HEAD, size)).flatMap(this::head);
            })
        .map(OutlineReader::metadata);
  }

  private Mono<Outline> inOneRead(int size) {
    return bytes(0, size)
        .flatMap(all -> Mono.zip(head(all), tail(all, 0)))
        .map(both -> outline(both.getT1(), both.getT2()));
  }

  private Mono<Outline> inTwoReads(long size) {
    Mono<Head> head = bytes(0, HEAD).flatMap(this::head);
    Mono<Tail> tail =
        bytes(size - tailLength, tailLength).flatMap(end -> tail(end, size - tailLength));
    return FirstFailure.both(head, tail, this::outline);
  }

  private Mono<ByteBuffer> bytes(long position, int length) {
    return FileBytes.read(file, position, length).publishOn(workers);
  }

  private Mono<Head> head(ByteBuffer bytes) {
    Header header = Header.decode(bytes, options.maxMetadataLength());
    int wanted = header.metadataLength();
    verify(
        wanted <= file.size() - Layout.HEADER_SIZE,
        20,
        "the metadata runs past the end of the file");
    ByteBuffer start = bytes.slice(0, Layout.HEADER_SIZE);
    Mono<ByteBuffer> metadata =
        wanted <= bytes.limit() - Layout.HEADER_SIZE
            ? Mono.just(bytes.slice(Layout.HEADER_SIZE, wanted))
            : bytes(Layout.HEADER_SIZE, wanted);
    return metadata.map(found -> new Head(header, start, found));
  }

  private Mono<Tail> tail(ByteBuffer bytes, long start) {
    int behind = bytes.limit() - Layout.TRAILER_SIZE;
    Trailer trailer = Trailer.decode(bytes.slice(behind, Layout.TRAILER_SIZE), file.size());
    if (trailer.directoryLength() > options.maxIndexLength()) {
      throw new LimitExceededException(
          "directory length", trailer.directoryLength(), options.maxIndexLength());
    }
    int length = Layout.LOCAL_HEADER_SIZE + (int) trailer.directoryLength();
    long before = trailer.directoryPosition() - start;
    if (before < 0) {
      return bytes(trailer.directoryPosition(), length)
          .map(section -> new Tail(trailer, section, ByteBuffer.allocate(0)));
    }
    ByteBuffer section = bytes.slice((int) before, length);
    return Mono.just(new Tail(trailer, section, bytes.slice(0, (int) before)));
  }

  private Outline outline(Head head, Tail tail) {
    Trailer trailer = tail.trailer;
    long position = trailer.directoryPosition();
    long payloadAt = position + Layout.LOCAL_HEADER_SIZE;
    long first = Layout.HEADER_SIZE + (long) head.header.metadataLength();
    verify(first <= position, 20, "the metadata runs into the directory");
    LocalHeader expected =
        new LocalHeader(Layout.DIRECTORY_SECTION, 0, (int) trailer.directoryLength(), 0);
    expected.verifyAt(tail.directorySection, position, () -> "the directory");
    ByteBuffer payload =
        tail.directorySection.slice(Layout.LOCAL_HEADER_SIZE, (int) trailer.directoryLength());
    verifyCrc32(payload, trailer.directoryCrc32(), payloadAt, "directory");
    CheckpointMetadata metadata = metadata(head);
    verify(
        trailer.rootHash(head.headerBytes, head.metadataBytes, payload).equals(trailer.rootHash()),
        file.size() - Layout.TRAILER_SIZE + Trailer.ROOT_HASH_AT,
        "the root hash is not that of header, metadata and directory");
    Directory directory =
        new DirectoryDecoder(payload, payloadAt, head.header.blockSize(), options.maxSize())
            .decode();
    return new Outline(head.header, metadata, directory, trailer, tail.before);
  }

  private static CheckpointMetadata metadata(Head head) {
    verifyCrc32(head.metadataBytes, head.header.metadataCrc32(), Layout.HEADER_SIZE, "metadata");
    ByteReader in = new ByteReader(head.metadataBytes, Layout.HEADER_SIZE);
    CheckpointMetadata metadata = MetadataRecord.decode(in, head.header.createdAtMicros(), false);
    in.end("the metadata");
    return metadata;
  }

  private static void verifyCrc32(ByteBuffer bytes, int expected, long position, String what) {
    int found = Layout.crc32(bytes);
    verify(
        found == expected,
        position,
        () -> String.format("%s checksum is %08x, expected %08x", what, found, expected));
  }
}
