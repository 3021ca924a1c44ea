package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
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
  private final Shared<Integer, IndexPage> recent;

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
    this.recent = new Shared<>(REMEMBERED);
  }

  /**
   * A page, remembered or read.
   *
   * @param chunk index in the directory
   * @param page which of the chunk's
   */
  Mono<IndexPage> get(int chunk, int page) {
    int ordinal = firstOrdinals[chunk] + page;
    Directory.PageRef ref = outline.directory().chunks().get(chunk).pages().get(page);
    PagePlace place = new PagePlace(chunk, page, ordinal, ref);
    return recent.get(ordinal, () -> read(List.of(place)).map(pages -> pages.get(0)));
  }

  /** All pages in order, read now; little ones that stand together are read together. */
  Flux<List<IndexPage>> readAll() {
    return Flux.defer(() -> Flux.fromIterable(PageGroups.of(outline))).concatMap(this::read);
  }

  /** Pages that stand one behind the other. */
  private Mono<List<IndexPage>> read(List<PagePlace> places) {
    for (PagePlace place : places) {
      if (place.ref().length() > maxLength) {
        return Mono.error(
            new LimitExceededException("index page length", place.ref().length(), maxLength));
      }
    }
    long start = places.get(0).ref().position();
    int length = (int) (places.get(places.size() - 1).end() - start);
    ByteBuffer here = outline.inTail(start, length);
    Mono<ByteBuffer> range = here == null ? FileBytes.read(file, start, length) : Mono.just(here);
    return range
        .publishOn(workers)
        .map(
            bytes ->
                places.stream()
                    .map(
                        place -> {
                          int at = (int) (place.ref().position() - start);
                          return decode(bytes.slice(at, place.length()), place);
                        })
                    .toList());
  }

  private IndexPage decode(ByteBuffer section, PagePlace place) {
    Directory.PageRef ref = place.ref();
    new LocalHeader(Layout.PAGE_SECTION, place.ordinal(), ref.length(), 0)
        .verifyAt(section, ref.position(), () -> "index page " + place.ordinal());
    ByteBuffer payload = section.slice(Layout.LOCAL_HEADER_SIZE, ref.length());
    long position = ref.position() + Layout.LOCAL_HEADER_SIZE;
    MessageDigest digest = Fingerprinter.sha256();
    digest.update(payload.duplicate());
    verify(
        HexFormat.of().formatHex(digest.digest()).equals(ref.sha256()),
        position,
        "the SHA-256 of index page " + place.ordinal() + " is not what the directory says");
    return new IndexPageDecoder(
            payload,
            position,
            outline.header().blockSize(),
            outline.directory(),
            place.chunk(),
            outline.directoryPosition())
        .decode(place.page());
  }
}
