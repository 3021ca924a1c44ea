package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.format.v2.Transfer.Part;
import io.ringkernel.checkpoint.format.v2.Transfer.Section;
import io.ringkernel.checkpoint.format.wire.Uncancellable;
import io.ringkernel.checkpoint.format.wire.Workbench;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Carries {@link Transfer}s out: reads what they ask for, then verifies and unpacks it on the
 * workers.
 */
final class BlockReader {
  /** Headers alone are not worth a pooled buffer. */
  private static final int SMALL = 8 << 10;

  private final BlockSources sources;
  private final Outline outline;
  private final Workbench workbench;
  private final Shared<Integer, CompressionCodec> codecs;

  BlockReader(BlockSources sources, Outline outline, Workbench workbench) {
    this.sources = sources;
    this.outline = outline;
    this.workbench = workbench;
    this.codecs = new Shared<>(255);
  }

  /** Raw bytes of every block but a chunk's last. */
  int blockSize() {
    return outline.header().blockSize();
  }

  /** How many transfers to have under way at once for one reader: enough to hide latency. */
  int concurrency() {
    int transfers = Math.max(4, 2 * workbench.parallelism());
    int largeBlocks = 32 * Workbench.BATCH_BYTES / blockSize();
    return Math.min(transfers, largeBlocks);
  }

  /** The file that a transfer is from, opened. */
  Mono<BlockSource> source(Transfer transfer) {
    return sources.get(transfer.ancestor());
  }

  /**
   * Carries one out.
   *
   * @param transfer what to read
   * @param target where to; null when the blocks are only to be verified
   */
  Mono<Void> run(Transfer transfer, @Nullable ByteBuffer target) {
    return source(transfer).flatMap(source -> run(transfer, source, target));
  }

  /** Carries one out whose file was opened before. */
  Mono<Void> run(Transfer transfer, BlockSource source, @Nullable ByteBuffer target) {
    return Mono.defer(
        () -> {
          transfer
              .parts()
              .forEach(
                  part -> source.requireWithin(part.location().position(), part.sectionLength()));
          List<Section> sections = transfer.sections(part -> view(part, source));
          return sections == null
              ? readAndUnpack(transfer, source, target)
              : unpack(transfer, source, sections, target).subscribeOn(workbench.workers());
        });
  }

  private Mono<Void> readAndUnpack(
      Transfer transfer, BlockSource source, @Nullable ByteBuffer target) {
    int staged = transfer.stagedLength(target != null);
    if (staged <= SMALL || staged > workbench.buffers().bufferSize()) {
      return read(transfer, source, ByteBuffer.allocate(staged), target);
    }
    // Pooled memory may go back only when nothing writes to it any more, reader or no reader.
    return Uncancellable.of(
        unwanted ->
            Mono.using(
                workbench.buffers()::acquire,
                staging -> read(transfer, source, staging.buffer(), target),
                OwnedBuffer::close));
  }

  private static @Nullable ByteBuffer view(Part part, BlockSource source) {
    int length = part.sectionLength();
    ByteBuffer view = source.bytes().view(part.location().position(), length);
    return view == null || view.remaining() < length ? null : view;
  }

  private Mono<Void> read(
      Transfer transfer, BlockSource source, ByteBuffer staging, @Nullable ByteBuffer target) {
    Arrangement arrangement = Arrangement.of(transfer, staging, target);
    if (!transfer.isRaw()) {
      return FileBytes.fill(source.bytes(), arrangement.stretches())
          .publishOn(workbench.workers())
          .then(unpack(transfer, source, arrangement.sections(), target));
    }
    // Where and when it arrives it is in the cache: going elsewhere costs more than the hashing.
    return FileBytes.fill(
        source.bytes(),
        arrangement.stretches(),
        stretch -> unpack(source, arrangement.sections(stretch), Map.of(), target));
  }

  /** Several tasks where there is work for them: a read of compressed blocks may be of many. */
  private Mono<Void> unpack(
      Transfer transfer, BlockSource source, List<Section> sections, @Nullable ByteBuffer target) {
    int each = Math.max(1, Workbench.BATCH_BYTES / blockSize());
    return codecs(transfer)
        .flatMap(
            found -> {
              Function<List<Section>, Mono<Void>> task =
                  part -> Mono.fromRunnable(() -> unpack(source, part, found, target));
              return sections.size() <= each
                  ? task.apply(sections)
                  : Flux.fromIterable(sections)
                      .buffer(each)
                      .map(part -> task.apply(part).subscribeOn(workbench.workers()))
                      .collectList()
                      .flatMap(BlockReader::all);
            });
  }

  /** To the end of all, as they share memory; the first failure by their order is told. */
  private static Mono<Void> all(List<Mono<Void>> tasks) {
    return Mono.whenDelayError(tasks).onErrorMap(FirstFailure::in);
  }

  private void unpack(
      BlockSource source,
      List<Section> sections,
      Map<Integer, CompressionCodec> found,
      @Nullable ByteBuffer target) {
    List<Directory.Entry> chunks = outline.directory().chunks();
    try (BlockUnpacker unpacker = new BlockUnpacker(source, chunks, found, workbench)) {
      sections.forEach(section -> unpacker.unpack(section, target));
    }
  }

  /** What its blocks were compressed by; a raw one has no codec. */
  private Mono<Map<Integer, CompressionCodec>> codecs(Transfer transfer) {
    Set<Integer> codes = new HashSet<>();
    transfer.parts().forEach(part -> codes.add(part.location().codec()));
    codes.remove(0);
    return codes.isEmpty()
        ? Mono.just(Map.of())
        : Flux.fromIterable(codes).concatMap(this::codec).collectMap(CompressionCodec::code);
  }

  private Mono<CompressionCodec> codec(int code) {
    return codecs.get(code, () -> workbench.codec(installed -> installed.byCode(code)));
  }
}
