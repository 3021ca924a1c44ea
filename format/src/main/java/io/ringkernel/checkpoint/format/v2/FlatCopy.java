package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.EncodedFile;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.wire.MetadataRecord;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * One subscription's copy of a file's stored blocks into a file that refers to no other. The blocks
 * keep their order, so that the new file is planned page by page while earlier ones are copied.
 */
final class FlatCopy {
  private static final int BATCHES_IN_FLIGHT = 3;

  private final Outline outline;
  private final ObjectId objectId;
  private final IndexKeeper keeper;
  private final Consumer<EncodedFile> written;
  private final ByteBuffer metadata;
  private final ByteBuffer header;
  private final PageQueue pages = new PageQueue();
  private final List<List<Directory.PageRef>> refs = new ArrayList<>();
  private final long[] stored;
  private long newSize;

  /** Where in the new file the next byte stands that was not planned yet. */
  private long position;

  /**
   * @param outline of the file to copy
   * @param objectId the new file's
   * @param keeper takes the new index
   * @param written told what was written
   */
  FlatCopy(Outline outline, ObjectId objectId, IndexKeeper keeper, Consumer<EncodedFile> written) {
    this.outline = outline;
    this.objectId = objectId;
    this.keeper = keeper;
    this.written = written;
    this.metadata = MetadataRecord.encode(outline.metadata());
    Header old = outline.header();
    this.header =
        new Header(
                old.blockSize(),
                metadata.remaining(),
                Layout.crc32(metadata),
                old.compression(),
                old.createdAtMicros(),
                objectId)
            .encode();
    int chunks = outline.directory().chunks().size();
    this.stored = new long[chunks];
    for (int i = 0; i < chunks; i++) {
      refs.add(new ArrayList<>());
    }
    this.position = (long) header.remaining() + metadata.remaining();
  }

  /**
   * The new file's bytes, in memory that is the collector's.
   *
   * @param from the file's pages
   * @param sources the files that its blocks are in
   * @param workers where blocks are verified
   */
  Flux<OwnedBuffer> bytes(IndexPages from, BlockSources sources, Scheduler workers) {
    Flux<OwnedBuffer> body =
        FirstFailure.inOrder(
            from.readAll().concatMapIterable(group -> plan(group, sources, workers), 1),
            part -> part,
            BATCHES_IN_FLIGHT);
    return Flux.concat(
        Flux.just(header.duplicate(), metadata.duplicate()).map(OwnedBuffer::unpooled),
        body,
        Flux.defer(() -> Flux.fromIterable(end())));
  }

  private List<Mono<OwnedBuffer>> plan(
      List<IndexPage> group, BlockSources sources, Scheduler workers) {
    List<Mono<OwnedBuffer>> parts = new ArrayList<>();
    for (IndexPage page : group) {
      FlatBatches batches = new FlatBatches(page, outline, position);
      for (FlatBatch batch : batches.batches()) {
        parts.add(batch.read(sources, workers).map(OwnedBuffer::unpooled));
      }
      position = batches.end();
      stored[page.chunk()] += batches.stored();
      newSize += batches.rawSize();
      IndexPage moved =
          new IndexPage(page.chunk(), page.firstBlock(), batches.locations(), page.fingerprints());
      pages.add(moved, refs.get(page.chunk()));
      keeper.add(moved);
    }
    if (pages.bytes() > Version2Writer.MAX_PAGE_BYTES) {
      drainPages().forEach(section -> parts.add(Mono.just(section)));
    }
    return parts;
  }

  private List<OwnedBuffer> drainPages() {
    long length = pages.bytes();
    List<OwnedBuffer> sections = pages.drain(position);
    position += length;
    return sections;
  }

  private List<OwnedBuffer> end() {
    List<OwnedBuffer> sections = new ArrayList<>(drainPages());
    Directory directory = directory();
    ByteBuffer payload = directory.encode();
    Trailer trailer = Trailer.of(header, metadata, payload, position);
    sections.add(
        OwnedBuffer.unpooled(
            new LocalHeader(Layout.DIRECTORY_SECTION, 0, payload.remaining(), 0).encode()));
    sections.add(OwnedBuffer.unpooled(payload));
    sections.add(OwnedBuffer.unpooled(trailer.encode()));
    written.accept(encoded(directory, trailer));
    return sections;
  }

  private Directory directory() {
    List<Directory.Entry> chunks = new ArrayList<>();
    long sum = 0;
    for (int i = 0; i < stored.length; i++) {
      chunks.add(outline.directory().chunks().get(i).moved(stored[i], refs.get(i)));
      sum += stored[i];
    }
    Directory.Totals old = outline.directory().totals();
    return new Directory(
        chunks,
        List.of(),
        new Directory.Totals(old.size(), sum, old.blocks(), old.zeroBlocks(), 0));
  }

  private EncodedFile encoded(Directory directory, Trailer trailer) {
    Directory.Totals totals = directory.totals();
    int blockSize = outline.header().blockSize();
    return new EncodedFile(
        Layout.VERSION,
        trailer.totalSize(),
        totals.size(),
        totals.stored(),
        newSize,
        totals.blocks(),
        totals.zeroBlocks(),
        0,
        objectId,
        trailer.rootHash(),
        List.of(),
        keeper.index(objectId, trailer.rootHash(), blockSize, directory));
  }
}
