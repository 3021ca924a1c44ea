package io.ringkernel.checkpoint.gpu.cuda;

import java.util.function.Supplier;
import jcuda.driver.CUstream;
import reactor.core.publisher.Mono;

/**
 * How a kernel that is launched again and again in one stream is brought to stand still: nothing
 * more is launched, and the adapter waits for what is in the stream. It is the first hook of {@link
 * io.ringkernel.checkpoint.kernel.KernelDescriptor.Builder#quiesce}; the second one lets launching
 * go on.
 */
public final class StreamOrder implements Supplier<Mono<Void>> {
  private final CUstream stream;
  private final Supplier<Mono<Void>> hold;

  private StreamOrder(CUstream stream, Supplier<Mono<Void>> hold) {
    this.stream = stream;
    this.hold = hold;
  }

  /**
   * Stops launching, then waits for the stream.
   *
   * @param stream where the kernel is launched; it belongs to the caller and must outlive the
   *     adapted kernel
   * @param hold completes once nothing more is launched; the descriptor's second hook lets
   *     launching go on
   */
  public static StreamOrder of(CUstream stream, Supplier<Mono<Void>> hold) {
    return new StreamOrder(stream, hold);
  }

  /** Completes once nothing more is launched; what is in the stream may still run. */
  @Override
  public Mono<Void> get() {
    return Mono.defer(hold);
  }

  CUstream stream() {
    return stream;
  }
}
