package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.compression.CompressionCodec;
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
import io.ringkernel.checkpoint.format.wire.Windows;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** An opened file whose checksum was found right. */
final class Version1File implements CheckpointFile {
  private final ChunkContent file;
  private final DecodeOptions options;
  private final FileHeader header;
  private final CheckpointMetadata metadata;
  private final List<ChunkLayout> chunks;
  private final FrameCursors cursors;

  /**
   * @param codec reads the compressed chunks; null when there is none
   */
  Version1File(
      ChunkContent file,
      DecodeOptions options,
      Workbench workbench,
      FileHeader header,
      Body body,
      @Nullable CompressionCodec codec) {
    this.file = file;
    this.options = options;
    this.header = header;
    this.metadata = body.metadata();
    this.cursors = new FrameCursors(workbench);
    List<ChunkLayout> layouts = new ArrayList<>(body.chunks().size());
    for (Body.Found found : body.chunks()) {
      layouts.add(layout(found, layouts.size(), codec));
    }
    this.chunks = List.copyOf(layouts);
  }

  private ChunkLayout layout(Body.Found found, int index, @Nullable CompressionCodec codec) {
    ChunkEntry entry = found.entry();
    long length = entry.compressedSize();
    ChunkContent content = file.slice(found.position(), length);
    if (codec != null && found.compressed()) {
      content =
          new FrameContent(
              new StoredFrame(
                  content, entry.uncompressedSize(), found.position(), entry.label(index), codec),
              cursors);
    }
    return new ChunkLayout(
        DataChunk.of(entry.type(), entry.id(), content).withFlags(entry.flags()),
        found.occurrence(),
        entry.uncompressedSize(),
        length,
        length == 0 ? 0 : found.position(),
        0);
  }

  @Override
  public FileHeader header() {
    return header;
  }

  @Override
  public CheckpointMetadata metadata() {
    return metadata;
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
    return 0;
  }

  @Override
  public @Nullable ObjectId objectId() {
    return null;
  }

  @Override
  public @Nullable RootHash rootHash() {
    return null;
  }

  @Override
  public List<Ancestor> ancestors() {
    return List.of();
  }

  @Override
  public Optional<FingerprintAlgorithm> fingerprints() {
    return Optional.empty();
  }

  @Override
  public Checkpoint checkpoint(Runnable onClose) {
    cursors.checkpointOpened();
    return Checkpoint.of(
        metadata,
        chunks.stream().map(ChunkLayout::chunk).toList(),
        () -> {
          cursors.checkpointClosed();
          onClose.run();
        });
  }

  @Override
  public Mono<BlockLocation> locate(int chunkIndex, long block) {
    return Mono.error(
        new UnsupportedOperationException(
            "a version 1 file has no blocks: read the chunk's content instead"));
  }

  @Override
  public Mono<BlockIndex> blockIndex(long maxWeight) {
    return Mono.empty();
  }

  @Override
  public Flux<OwnedBuffer> flattened(
      ObjectId id, long maxIndexWeight, Consumer<EncodedFile> written) {
    return Flux.error(
        new UnsupportedOperationException(
            "a version 1 file refers to no blocks of others: copy it as it is"));
  }

  /** Nothing is left to read: opening has read all. */
  @Override
  public Mono<Void> verifyAncestors() {
    return Mono.empty();
  }

  @Override
  public Mono<Void> verifyIndex() {
    return Mono.empty();
  }

  /** Reads the file anew, and decompresses what is compressed. */
  @Override
  public Mono<Void> verifyAll() {
    return Version1Reader.read(file, options, cursors.workbench())
        .flatMap(Version1File::decompressAll);
  }

  @Override
  public Mono<Void> verifyOwnBytes() {
    return verifyAll();
  }

  private Mono<Void> decompressAll() {
    return Flux.using(
            () -> checkpoint(() -> {}),
            opened ->
                Flux.fromIterable(opened.chunks())
                    .map(DataChunk::content)
                    .filter(FrameContent.class::isInstance)
                    .concatMap(content -> Windows.of(content, cursors.workbench()), 1)
                    .doOnNext(OwnedBuffer::close),
            Checkpoint::close)
        .then();
  }
}
