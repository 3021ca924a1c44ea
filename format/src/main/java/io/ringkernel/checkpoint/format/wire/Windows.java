package io.ringkernel.checkpoint.format.wire;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
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
  /** Windows read before they are asked for, so that reading and computing overlap. */
  private static final int READ_AHEAD = 4;

  private Windows() {}

  /**
   * All windows of a content.
   *
   * @param content what to read
   * @param workbench whose memory and threads to use
   * @return the windows; each belongs to the subscriber
   */
  public static Flux<OwnedBuffer> of(ChunkContent content, Workbench workbench) {
    return Flux.defer(
            () -> {
              Flux<OwnedBuffer> windows =
                  Flux.<Step, Long>generate(
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
              return isInHostMemory(content)
                  ? windows
                  : windows.publishOn(workbench.workers(), READ_AHEAD);
            })
        .doOnDiscard(OwnedBuffer.class, OwnedBuffer::close);
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
    return Mono.defer(
            () -> {
              Step step = step(content, offset, workbench);
              return step.onContent()
                  ? step.window()
                  : step.window().publishOn(workbench.workers());
            })
        .doOnDiscard(OwnedBuffer.class, OwnedBuffer::close);
  }

  private static boolean isInHostMemory(ChunkContent content) {
    return content.size() == 0 || content.view(0, 1) != null;
  }

  private static Step step(ChunkContent content, long offset, Workbench workbench) {
    int wanted = (int) Math.min(Workbench.BATCH_BYTES, content.size() - offset);
    ByteBuffer view = content.view(offset, wanted);
    if (view != null) {
      OwnedBuffer window = OwnedBuffer.unpooled(view.slice());
      return new Step(true, view.remaining(), Mono.just(window));
    }
    return new Step(false, wanted, read(content, offset, wanted, workbench));
  }

  private static Mono<OwnedBuffer> read(
      ChunkContent content, long offset, int length, Workbench workbench) {
    return Uncancellable.of(
        unwanted -> {
          OwnedBuffer memory = workbench.buffers().acquire();
          return ExactRead.of(content, offset, memory.buffer().limit(length))
              .map(filled -> memory)
              .doOnError(error -> memory.close());
        });
  }

  /** The way to one window, and how far it leads. */
  private record Step(boolean onContent, int length, Mono<OwnedBuffer> window) {}
}
