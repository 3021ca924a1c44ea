package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.error.KernelException.Phase;
import io.ringkernel.checkpoint.internal.Spans;
import io.ringkernel.checkpoint.internal.ThrownErrors;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.adapter.ResumeHook;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The two hooks of a description, each within its time. One that is done at once sets no timer,
 * which would be part of the stall.
 */
final class HostHooks {
  private final HostOptions options;
  private final Mono<Void> stop;
  private final ResumeHook go;

  /**
   * @param descriptor whose hooks
   * @param options how long they may take
   */
  HostHooks(KernelDescriptor descriptor, HostOptions options) {
    this.options = options;
    String id = descriptor.kernelId();
    this.stop =
        ThrownErrors.ofKernel(
            id, Phase.QUIESCE, Mono.defer(called("quiesce", descriptor.quiesce())));
    Mono<Void> go =
        ThrownErrors.ofKernel(id, Phase.RESUME, Mono.defer(called("resume", descriptor.resume())));
    this.go = new ResumeHook(() -> go);
  }

  /**
   * Brings the kernel to a stop; cancelled when it takes too long. An earlier {@link #go} that is
   * not done yet gets as much time before, and is then cancelled.
   */
  Mono<Void> stop() {
    Duration limit = options.quiesceTimeout();
    return within(limit, go.over(), Mono.empty())
        .then(within(limit, stop, Mono.error(() -> tooLong(limit, "quiesce"))));
  }

  /** Lets it run on: to its end, also when that takes too long and is told so. */
  Mono<Void> go() {
    Duration limit = options.resumeTimeout();
    return within(limit, go.run(), Mono.error(() -> tooLong(limit, "resume")));
  }

  private static Supplier<Mono<Void>> called(String name, Supplier<Mono<Void>> hook) {
    return () -> {
      Mono<Void> given = hook.get();
      return given == null
          ? Mono.error(new IllegalStateException("its " + name + " hook gave null, no Mono"))
          : given;
    };
  }

  private static Mono<Void> within(Duration limit, Mono<Void> hook, Mono<Void> otherwise) {
    // What comes behind a failure, hooks of the caller's too, must not run on Reactor's threads.
    Mono<Void> late =
        Mono.delay(limit, Schedulers.parallel()).publishOn(HostMemory.THREAD).then(otherwise);
    return Mono.firstWithSignal(hook, late);
  }

  private static TimeoutException tooLong(Duration limit, String name) {
    return new TimeoutException(
        "its "
            + name
            + " hook has not completed within "
            + Spans.words(limit)
            + ": look what it waits for, or give it more by the option '"
            + name
            + "-timeout'");
  }
}
