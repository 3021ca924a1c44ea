package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The two hooks of a description, each within its time. One that is done at once sets no timer,
 * which would be part of the stall.
 *
 * @param descriptor whose hooks
 * @param options how long they may take
 */
record HostHooks(KernelDescriptor descriptor, HostOptions options) {
  /** Brings the kernel to a stop; cancelled when it takes too long. */
  Mono<Void> stop() {
    return within(options.quiesceTimeout(), "quiesce", called("quiesce", descriptor.quiesce()));
  }

  /** Lets it run on: to its end, also when that takes too long and is told so. */
  Mono<Void> go() {
    return within(options.resumeTimeout(), "resume", called("resume", descriptor.resume()).cache());
  }

  private static Mono<Void> called(String name, Supplier<Mono<Void>> hook) {
    return Mono.defer(
        () -> {
          Mono<Void> given = hook.get();
          return given == null
              ? Mono.error(new IllegalStateException("its " + name + " hook gave null, no Mono"))
              : given;
        });
  }

  private static Mono<Void> within(Duration limit, String name, Mono<Void> hook) {
    // What comes behind a failure, hooks of the caller's too, must not run on Reactor's threads.
    Mono<Void> late =
        Mono.delay(limit, Schedulers.parallel())
            .publishOn(HostMemory.THREAD)
            .then(Mono.error(() -> tooLong(limit, name)));
    return Mono.firstWithSignal(hook, late);
  }

  private static TimeoutException tooLong(Duration limit, String name) {
    return new TimeoutException(
        "its "
            + name
            + " hook has not completed within "
            + limit.toMillis()
            + " ms: look what it waits for, or give it more by the option '"
            + name
            + "-timeout'");
  }
}
