package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ChunkLayout;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.EncodedFile;
import io.ringkernel.checkpoint.format.FileHeader;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import io.ringkernel.checkpoint.format.wire.Workbench;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A version 2 file, opened. */
final class IndexedFile implements CheckpointFile {
  private static final int ANCESTORS_AT_ONCE = 8;

  private final ChunkContent file;
  private final Outline outline;
  private final DecodeOptions options;
  private final Workbench workbench;
  private final IndexPages pages;
  private final BlockSources sources;
  private final BlockReader reader;
  private final List<ChunkLayout> chunks;

  IndexedFile(ChunkContent file, Outline outline, DecodeOptions options, Workbench workbench) {
    this.file = file;
    this.outline = outline;
    this.options = options;
    this.workbench = workbench;
    this.pages = new IndexPages(file, outline, options, workbench.workers());
    this.sources = new BlockSources(file, outline, options, workbench.workers());
    this.reader = new BlockReader(sources, outline, workbench);
    this.chunks =
        IntStream.range(0, outline.directory().chunks().size()).mapToObj(this::layout).toList();
  }

  private ChunkLayout layout(int index) {
    Directory.Entry entry = outline.directory().chunks().get(index);
    ChunkContent content =
        new IndexedContent(index, entry.size(), pages, reader, workbench.workers());
    DataChunk chunk =
        DataChunk.of(new ChunkType(entry.type()), entry.id(), content)
            .withFlags(entry.flags())
            .withFingerprints(fingerprints(index));
    return new ChunkLayout(
        entry.name() == null ? chunk : chunk.withName(entry.name()),
        entry.occurrence(),
        entry.size(),
        entry.stored(),
        entry.pages().isEmpty() ? 0 : entry.pages().get(0).position(),
        Layout.blocks(entry.size(), blockSize()));
  }

  @Override
  public FileHeader header() {
    Header header = outline.header();
    return new FileHeader(
        Layout.MAGIC,
        Layout.VERSION,
        Layout.HEADER_SIZE,
        file.size(),
        chunks.size(),
        header.compression(),
        header.crc32(),
        0,
        header.createdAtMicros(),
        0);
  }

  @Override
  public CheckpointMetadata metadata() {
    return outline.metadata();
  }

  @Override
  public List<ChunkLayout> chunks() {
    return chunks;
  }

  @Override
  public long size() {
    return file.size();
  }

  @Override
  public int blockSize() {
    return outline.header().blockSize();
  }

  @Override
  public ObjectId objectId() {
    return outline.header().objectId();
  }

  @Override
  public RootHash rootHash() {
    return outline.trailer().rootHash();
  }

  @Override
  public List<Ancestor> ancestors() {
    return outline.directory().ancestors();
  }

  @Override
  public Optional<FingerprintAlgorithm> fingerprints() {
    return outline.directory().chunks().stream().map(Directory.Entry::algorithm).findFirst();
  }

  @Override
  public Checkpoint checkpoint(Runnable onClose) {
    return Checkpoint.of(metadata(), chunks.stream().map(ChunkLayout::chunk).toList(), onClose);
  }

  @Override
  public Mono<BlockLocation> locate(int chunkIndex, long block) {
    return Mono.defer(
        () -> {
          ChunkLayout chunk = chunks.get(Objects.checkIndex(chunkIndex, chunks.size()));
          Objects.checkIndex(block, chunk.blocks());
          return pages
              .get(chunkIndex, (int) (block / Layout.BLOCKS_PER_PAGE))
              .map(page -> page.locations().get((int) (block - page.firstBlock())));
        });
  }

  private Mono<BlockFingerprints> fingerprints(int index) {
    Directory.Entry entry = outline.directory().chunks().get(index);
    return Mono.defer(
        () -> {
          int each = entry.algorithm().length();
          long length = Layout.blocks(entry.size(), blockSize()) * each;
          if (length > options.maxIndexLength()) {
            return Mono.error(
                new LimitExceededException(
                    "fingerprints of a chunk, in bytes,", length, options.maxIndexLength()));
          }
          byte[] values = new byte[(int) length];
          return Flux.range(0, entry.pages().size())
              .concatMap(page -> pages.get(index, page))
              .doOnNext(page -> page.copyFingerprints(values))
              .then(
                  Mono.fromSupplier(
                      () -> BlockFingerprints.of(blockSize(), entry.algorithm(), values)));
        });
  }

  @Override
  public Mono<BlockIndex> blockIndex(long maxWeight) {
    return Mono.defer(
        () -> {
          long least = CompactIndex.leastWeight(outline.directory(), blockSize());
          if (least > maxWeight) {
            return Mono.error(CompactIndex.tooHeavy(least, maxWeight));
          }
          IndexKeeper keeper = new IndexKeeper(maxWeight);
          return pages
              .readAll()
              .doOnNext(group -> group.forEach(keeper::add))
              .takeWhile(group -> keeper.isComplete())
              .then(Mono.fromSupplier(() -> index(keeper, maxWeight)));
        });
  }

  @Override
  public Flux<OwnedBuffer> flattened(
      ObjectId id, long maxIndexWeight, Consumer<EncodedFile> written) {
    return Flux.defer(
        () ->
            new FlatCopy(outline, id, new IndexKeeper(maxIndexWeight), written)
                .bytes(pages, sources, workbench.workers()));
  }

  private BlockIndex index(IndexKeeper keeper, long maxWeight) {
    CompactIndex index = keeper.index(objectId(), rootHash(), blockSize(), outline.directory());
    if (index == null) {
      throw CompactIndex.tooHeavy(keeper.weight(), maxWeight);
    }
    return index;
  }

  @Override
  public Mono<Void> verifyIndex() {
    return Mono.defer(() -> new Verification(outline, pages, reader).index());
  }

  @Override
  public Mono<Void> verifyAncestors() {
    return Flux.range(0, ancestors().size())
        .flatMapDelayError(sources::verify, ANCESTORS_AT_ONCE, 1)
        .then()
        .onErrorMap(FirstFailure::in);
  }

  @Override
  public Mono<Void> verifyAll() {
    return anew(Verification::everything).then(verifyAncestors());
  }

  @Override
  public Mono<Void> verifyOwnBytes() {
    return anew(Verification::ownBytes);
  }

  /** What is remembered of the file is no proof of what it holds now: all is read anew. */
  private Mono<Void> anew(Function<Verification, Mono<Void>> verify) {
    return new OutlineReader(file, options, workbench.workers())
        .read()
        .flatMap(
            now -> {
              ByteReader.verify(
                  now.trailer().rootHash().equals(rootHash()),
                  file.size() - Layout.TRAILER_SIZE + Trailer.ROOT_HASH_AT,
                  "the file is another one than when it was opened");
              IndexedFile fresh = new IndexedFile(file, now, options, workbench);
              return verify.apply(new Verification(now, fresh.pages, fresh.reader));
            });
  }
}
