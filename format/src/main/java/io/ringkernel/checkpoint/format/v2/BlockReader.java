package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.v2.Transfer.Arrangement;
import io.ringkernel.checkpoint.format.v2.Transfer.Section;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.context.ContextView;

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

  BlockReader(BlockSources sources, Outline outline, Workbench workbench) {
    this.sources = sources;
    this.outline = outline;
    this.workbench = workbench;
  }

  /** How many transfers to have under way at once for one reader. */
  int concurrency() {
    int inFlight = Math.max(4, 2 * workbench.parallelism());
    int largeBlocks = (32 * Workbench.BATCH_BYTES) / outline.header().blockSize();
    return Math.max(1, Math.min(inFlight, largeBlocks));
  }

  /**
   * Carries one out.
   *
   * @param transfer what to read
   * @param target where to; null when the blocks are only to be verified
   */
  Mono<Void> run(Transfer transfer, @Nullable ByteBuffer target) {
    return sources.get(transfer.ancestor()).flatMap(source -> run(transfer, source, target));
  }

  private Mono<Void> run(Transfer transfer, BlockSource source, @Nullable ByteBuffer target) {
    long position = transfer.position();
    int length = transfer.length();
    verify(
        position <= source.end() - length,
        position,
        "a block is not within its file" + source.place());
    ByteBuffer view = source.bytes().view(position, length);
    if (view != null && view.remaining() == length) {
      return Mono.<Void>fromRunnable(
              () -> unpack(transfer, source, transfer.sections(view), target))
          .subscribeOn(workbench.workers());
    }
    int staged = transfer.stagedLength(target != null);
    return Mono.deferContextual(
        context -> {
          if (staged <= SMALL || staged > workbench.buffers().bufferSize()) {
            return read(transfer, source, ByteBuffer.allocate(staged), target);
          }
          OwnedBuffer staging = workbench.buffers().acquire();
          return toItsEnd(
              read(transfer, source, staging.buffer(), target).doOnTerminate(staging::close),
              context);
        });
  }

  private Mono<Void> read(
      Transfer transfer, BlockSource source, ByteBuffer staging, @Nullable ByteBuffer target) {
    Arrangement arrangement = transfer.arrange(staging, target);
    List<ByteBuffer> buffers = arrangement.buffers();
    return FileBytes.fill(source.bytes(), transfer.position(), buffers, transfer.length())
        .publishOn(workbench.workers())
        .then(Mono.fromRunnable(() -> unpack(transfer, source, arrangement.sections(), target)));
  }

  private void unpack(
      Transfer transfer, BlockSource source, List<Section> sections, @Nullable ByteBuffer target) {
    int chunk = transfer.page().chunk();
    try (BlockUnpacker unpacker =
        new BlockUnpacker(
            transfer.page(), source, workbench, outline.directory().chunks().get(chunk))) {
      for (Section section : sections) {
        unpacker.unpack(section, target);
      }
    }
  }

  /**
   * Lets a read that fills pooled memory run to its end though its reader is gone: only then may
   * the memory go back to the pool.
   */
  private static Mono<Void> toItsEnd(Mono<Void> read, ContextView context) {
    Sinks.Empty<Void> end = Sinks.empty();
    read.contextWrite(context).subscribe(nothing -> {}, end::tryEmitError, end::tryEmitEmpty);
    return end.asMono();
  }
}
