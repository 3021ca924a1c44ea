package io.ringkernel.checkpoint.format.wire;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.internal.ExactRead;
import java.nio.ByteBuffer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A content's bytes in order, a window of at most {@link Workbench#BATCH_BYTES} at a time: where it
 * is in host memory the windows lie upon it without a copy, else they are read into pooled memory.
 *
 * <p>Windows upon the content itself come on the thread that asks for them, windows that were read
 * come on the workers. No window may be written to.
 */
public final class Windows {
  private Windows() {}

  /**
   * All windows of a content.
   *
   * @param content what to read
   * @param workbench whose memory and threads to use
   * @return the windows; each belongs to the subscriber
   */
  public static Flux<OwnedBuffer> of(ChunkContent content, Workbench workbench) {
    return Flux.<Step, Long>generate(
            () -> 0L,
            (offset, sink) -> {
              if (offset == content.size()) {
                sink.complete();
                return offset;
              }
              Step step = step(content, offset, workbench);
              sink.next(step);
              return offset + step.length();
            })
        .concatMap(Step::window, 1);
  }

  /**
   * One window of a content.
   *
   * @param content what to read
   * @param offset from its start; less than its size
   * @param workbench whose memory and threads to use
   * @return the window, at least 1 byte; it belongs to the subscriber
   */
  public static Mono<OwnedBuffer> at(ChunkContent content, long offset, Workbench workbench) {
    return Mono.defer(() -> step(content, offset, workbench).window());
  }

  private static Step step(ChunkContent content, long offset, Workbench workbench) {
    int wanted = (int) Math.min(Workbench.BATCH_BYTES, content.size() - offset);
    ByteBuffer view = content.view(offset, wanted);
    if (view != null) {
      OwnedBuffer window = OwnedBuffer.unpooled(view.slice());
      return new Step(view.remaining(), Mono.just(window));
    }
    return new Step(wanted, read(content, offset, wanted, workbench));
  }

  private static Mono<OwnedBuffer> read(
      ChunkContent content, long offset, int length, Workbench workbench) {
    return Uncancellable.of(
        unwanted -> {
          OwnedBuffer memory = workbench.buffers().acquire();
          return ExactRead.of(content, offset, memory.buffer().limit(length))
              .publishOn(workbench.workers())
              .map(filled -> memory)
              .doOnError(error -> memory.close());
        },
        OwnedBuffer::close);
  }

  /** The way to one window, and how far it leads. */
  private record Step(int length, Mono<OwnedBuffer> window) {}
}
