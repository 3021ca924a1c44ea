package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.Turn;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One restore: everything is checked before the kernel is stopped, and it runs on only when all its
 * state was written.
 */
final class CudaRestore {
  private final Device device;
  private final Halt halt;
  private final Failures failures;
  private final Turn.Lease lease;
  private final RestorePlan plan;
  private final boolean readFirst;
  private final Cancellation cancellation;
  private final UseCount pieces = new UseCount();
  private volatile boolean entered;
  private volatile boolean stopped;
  private volatile boolean touched;
  private volatile boolean whole;
  private final Mono<Void> resume;

  CudaRestore(
      Device device,
      Halt halt,
      Failures failures,
      Turn.Lease lease,
      RestorePlan plan,
      boolean readFirst,
      Cancellation cancellation) {
    this.device = device;
    this.halt = halt;
    this.failures = failures;
    this.lease = lease;
    this.plan = plan;
    this.cancellation = cancellation;
    this.readFirst = readFirst;
    // Remembered, so that it runs once, to its end, whoever asks for it.
    this.resume = Mono.defer(() -> whole ? halt.runRestored() : halt.resume()).cache();
  }

  /** All of it. To be left to run to its end. */
  Mono<Void> run() {
    return Mono.fromRunnable(this::enter)
        .then(Mono.defer(() -> readFirst ? readAll() : Mono.empty()))
        .then(Mono.defer(() -> cancellation.ends(lease.await())))
        .then(device.settled())
        .then(Mono.defer(() -> cancellation.ends(quiesce())))
        .then(Mono.defer(this::writeAll))
        .then(Mono.defer(this::runOn))
        .onErrorMap(e -> failures.of(KernelException.Phase.RESTORE, "it was not restored", e))
        .onErrorResume(e -> end().then(Mono.error(e)))
        .then(Mono.defer(this::end));
  }

  private void enter() {
    entered = device.uses().enter();
    if (!entered) {
      throw failures.refused(KernelException.Phase.RESTORE, "it is closed");
    }
    plan.check();
  }

  /** Sees that everything can be read, while nothing is changed. */
  private Mono<Void> readAll() {
    return each(transfer ->
            device.in().readOnly(transfer.content(), transfer.offset(), transfer.length(), pieces))
        .onErrorMap(
            e ->
                failures.saying(
                    KernelException.Phase.RESTORE,
                    "the checkpoint can't be read; the kernel was not touched",
                    e));
  }

  private Mono<Void> quiesce() {
    stopped = true;
    return halt.quiesce();
  }

  private Mono<Void> writeAll() {
    return each(this::write)
        .onErrorResume(
            e ->
                // What others have begun is waited for, so that the account is right.
                pieces
                    .shut()
                    .then(
                        Mono.error(
                            () ->
                                failures.saying(
                                    KernelException.Phase.RESTORE,
                                    "it stands still with " + plan.account() + "; restore it again",
                                    e))));
  }

  private Mono<Void> each(Function<RestorePlan.Transfer, Mono<Void>> step) {
    return Flux.fromIterable(plan.transfers(device.in().pieceSize()))
        .flatMap(
            transfer ->
                cancellation.isWished()
                    ? Mono.error(new CancellationException("it was cancelled"))
                    : step.apply(transfer),
            device.in().lanes(),
            1)
        .then();
  }

  private Mono<Void> write(RestorePlan.Transfer transfer) {
    return Mono.defer(
            () -> {
              touched = true;
              return transfer.target() == null
                  ? toDevice(transfer)
                  : toHost(transfer.content(), transfer);
            })
        .doOnSuccess(nothing -> transfer.part().add(transfer.length()));
  }

  private Mono<Void> toDevice(RestorePlan.Transfer transfer) {
    return device
        .in()
        .copyIn(
            transfer.content(), transfer.offset(), transfer.length(), transfer.address(), pieces);
  }

  /** Host memory is written by the content itself, which is not cancelled half-way. */
  private Mono<Void> toHost(ChunkContent content, RestorePlan.Transfer transfer) {
    return Mono.create(
        sink -> {
          if (!pieces.enter()) {
            sink.error(new IllegalStateException("the restore has ended"));
            return;
          }
          Mono.defer(() -> content.read(transfer.offset(), transfer.hostTarget()))
              .defaultIfEmpty(0)
              .doOnNext(got -> RestorePlan.requireAll(transfer, got))
              .doFinally(signal -> pieces.leave())
              .subscribe(got -> {}, sink::error, sink::success);
        });
  }

  private Mono<Void> runOn() {
    whole = true;
    return resume;
  }

  /**
   * Ends it, before anybody is told so: lets the kernel run on if all was written, or nothing, else
   * leaves it standing.
   */
  private Mono<Void> end() {
    return pieces.shut().then(Mono.defer(this::release));
  }

  private Mono<Void> release() {
    boolean runsOn = stopped && (whole || !touched);
    return (runsOn ? resume.onErrorComplete() : Mono.<Void>empty())
        .then(
            Mono.fromRunnable(
                () -> {
                  lease.release();
                  if (entered) {
                    entered = false;
                    device.uses().leave();
                  }
                }));
  }
}
