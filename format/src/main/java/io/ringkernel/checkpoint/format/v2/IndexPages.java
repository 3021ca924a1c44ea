package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The index pages of one file, read when asked for; each is verified before it is decoded. */
final class IndexPages {
  /** Pages remembered: a third of a MiB each, for 256 MiB of state in blocks of 64 KiB. */
  private static final int REMEMBERED = 16;

  private final ChunkContent file;
  private final Outline outline;
  private final int maxLength;
  private final Scheduler workers;
  private final int[] firstOrdinals;
  private final Shared<Place, IndexPage> recent;

  IndexPages(ChunkContent file, Outline outline, DecodeOptions options, Scheduler workers) {
    this.file = file;
    this.outline = outline;
    this.maxLength = options.maxIndexLength();
    this.workers = workers;
    List<Directory.Entry> chunks = outline.directory().chunks();
    this.firstOrdinals = new int[chunks.size()];
    for (int i = 1; i < firstOrdinals.length; i++) {
      firstOrdinals[i] = firstOrdinals[i - 1] + chunks.get(i - 1).pages().size();
    }
    this.recent = new Shared<>(REMEMBERED, place -> read(place.chunk, place.page));
  }

  private record Place(int chunk, int page) {}

  /**
   * A page, remembered or read.
   *
   * @param chunk index in the directory
   * @param page which of the chunk's
   */
  Mono<IndexPage> get(int chunk, int page) {
    return recent.get(new Place(chunk, page));
  }

  /** All pages of all chunks in order, each read now. */
  Flux<IndexPage> readAll() {
    return Flux.range(0, firstOrdinals.length)
        .concatMap(
            chunk ->
                Flux.range(0, outline.directory().chunks().get(chunk).pages().size())
                    .concatMap(page -> read(chunk, page)));
  }

  private Mono<IndexPage> read(int chunk, int page) {
    Directory.PageRef ref = outline.directory().chunks().get(chunk).pages().get(page);
    if (ref.length() > maxLength) {
      return Mono.error(new LimitExceededException("index page length", ref.length(), maxLength));
    }
    int length = Layout.LOCAL_HEADER_SIZE + ref.length();
    ByteBuffer here = outline.inTail(ref.position(), length);
    Mono<ByteBuffer> section =
        here == null ? FileBytes.read(file, ref.position(), length) : Mono.just(here);
    return section.publishOn(workers).map(bytes -> decode(bytes, ref, chunk, page));
  }

  private IndexPage decode(ByteBuffer section, Directory.PageRef ref, int chunk, int page) {
    int ordinal = firstOrdinals[chunk] + page;
    new LocalHeader(Layout.PAGE_SECTION, ordinal, ref.length(), 0)
        .verifyAt(section, ref.position(), () -> "index page " + ordinal);
    ByteBuffer payload = section.slice(Layout.LOCAL_HEADER_SIZE, ref.length());
    long position = ref.position() + Layout.LOCAL_HEADER_SIZE;
    var digest = Fingerprinter.sha256();
    digest.update(payload.duplicate());
    verify(
        HexFormat.of().formatHex(digest.digest()).equals(ref.sha256()),
        position,
        "the SHA-256 of index page " + ordinal + " is not what the directory says");
    return new IndexPageDecoder(
            payload,
            position,
            outline.header().blockSize(),
            outline.directory(),
            chunk,
            outline.directoryPosition())
        .decode(page);
  }
}
