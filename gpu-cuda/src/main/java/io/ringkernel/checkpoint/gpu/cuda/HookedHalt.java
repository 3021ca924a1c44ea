package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.internal.Spans;
import io.ringkernel.checkpoint.internal.ThrownErrors;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.adapter.Halt;
import io.ringkernel.checkpoint.kernel.adapter.ResumeHook;
import java.time.Duration;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/** By the hooks of a description, or its handshake, in bounded time. */
final class HookedHalt implements Halt {
  private final KernelDescriptor descriptor;
  private final CudaOptions options;
  private final Device device;
  private final Failures failures;
  private final Mono<Void> stop;
  private final Mono<Void> go;
  private final ResumeHook resumeHook;

  /**
   * What the kernel keeps in registers is of a state before the restored one, as far as is known:
   * it has not answered that it has read the new one.
   */
  private volatile boolean stale;

  HookedHalt(KernelDescriptor descriptor, CudaOptions options, Device device, Failures failures) {
    this.descriptor = descriptor;
    this.options = options;
    this.device = device;
    this.failures = failures;
    this.stop = guarded(KernelException.Phase.QUIESCE, () -> descriptor.quiesce().get());
    this.go = guarded(KernelException.Phase.RESUME, () -> descriptor.resume().get());
    this.resumeHook = new ResumeHook(() -> go);
  }

  private Mono<Void> guarded(KernelException.Phase phase, Supplier<Mono<Void>> hook) {
    return ThrownErrors.ofKernel(descriptor.kernelId(), phase, Mono.defer(hook));
  }

  @Override
  public Mono<Void> quiesce() {
    Duration limit = options.quiesceTimeout();
    Mono<Void> stopped = stop.then(drained());
    return within(limit, resumeHook.over(), device.threads().hop())
        .then(within(limit, stopped, noAnswer(limit, "quiesce-timeout")))
        .onErrorResume(this::orLost)
        .onErrorMap(
            e ->
                failures.of(
                    KernelException.Phase.QUIESCE, "it did not come to a stop" + said(), e));
  }

  private Mono<Void> drained() {
    return descriptor.quiesce() instanceof StreamOrder order
        ? device.mover().await(order.stream())
        : Mono.empty();
  }

  @Override
  public Mono<Void> resume() {
    return resume("it could not run on");
  }

  @Override
  public Mono<Void> runRestored() {
    return Mono.defer(
        () -> {
          stale = device.mover().by() instanceof Mover.Itself;
          return resume(
              "it is restored, and stands still until it is captured or restored again, since it"
                  + " could not run on");
        });
  }

  private Mono<Void> resume(String what) {
    Duration limit = options.timeout();
    return within(limit, Mono.defer(this::go), noAnswer(limit, "timeout"))
        .onErrorResume(this::orLost)
        .onErrorMap(e -> failures.of(KernelException.Phase.RESUME, what + said(), e));
  }

  private Mono<Void> go() {
    if (device.mover().by() instanceof Mover.Itself itself) {
      // One that nobody waits for any longer is replaced by the next request.
      return stale ? itself.handshake().reload().doOnSuccess(nothing -> stale = false) : go;
    }
    return resumeHook.run();
  }

  /** A kernel that does not answer may have died with its device: that is the better error. */
  private Mono<Void> orLost(Throwable error) {
    return device
        .mover()
        .probe()
        .onErrorMap(e -> e instanceof DriverException driver && driver.isDeviceLost() ? e : error)
        .then(Mono.error(error));
  }

  private String said() {
    return device.mover().by() instanceof Mover.Itself itself
        ? " (" + itself.handshake() + ")"
        : "";
  }

  private Mono<Void> within(Duration limit, Mono<Void> hook, Mono<Void> otherwise) {
    return device.threads().deadlines().within(limit, hook, otherwise);
  }

  private static Mono<Void> noAnswer(Duration limit, String option) {
    return Mono.error(
        () ->
            new StuckDriverException(
                "no answer within "
                    + Spans.words(limit)
                    + ": look what it waits for, or give it more by the option '"
                    + option
                    + "'"));
  }
}
