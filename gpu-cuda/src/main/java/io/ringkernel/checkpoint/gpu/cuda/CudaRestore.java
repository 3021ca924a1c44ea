package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.Stop;
import io.ringkernel.checkpoint.kernel.adapter.UseCount;
import io.ringkernel.checkpoint.kernel.adapter.Visit;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;

/**
 * One restore: everything is checked before the kernel is stopped, and it runs on only when all its
 * state was written.
 */
final class CudaRestore {
  private final StateAccess state;
  private final Device device;
  private final Failures failures;
  private final Visit visit;
  private final RestorePlan plan;
  private final Cancellation cancellation;
  private final UseCount pieces = new UseCount();
  private volatile @Nullable StuckDriverException memoryLost;
  private final Stop stop;

  CudaRestore(StateAccess state, Checkpoint checkpoint, Cancellation cancellation) {
    this.state = state;
    this.device = state.device();
    this.failures = state.failures();
    this.visit = state.visit(KernelException.Phase.RESTORE);
    this.plan = new RestorePlan(state.descriptor(), checkpoint);
    this.cancellation = cancellation;
    this.stop = new Stop(state, cancellation);
  }

  /** All of it. To be left to run to its end. */
  Mono<Void> run() {
    return visit
        .enter()
        .then(Mono.fromRunnable(plan::check))
        .then(Mono.defer(() -> state.options().readFirst() ? readAll() : Mono.empty()))
        .then(Mono.defer(() -> cancellation.ends(visit.awaitTurn())))
        .then(device.settled())
        .then(stop.begin())
        .then(Mono.defer(this::writeAll))
        .then(stop.resumeRestored())
        .onErrorMap(e -> failures.of(KernelException.Phase.RESTORE, "it was not restored", e))
        .onErrorResume(e -> end(stop.undo(e)).then(Mono.error(e)))
        .then(Mono.defer(() -> end(Mono.empty())));
  }

  /** Sees that everything can be read, while nothing is changed. */
  private Mono<Void> readAll() {
    return each(transfer -> read(transfer, bytes -> Mono.empty()))
        .onErrorMap(
            e ->
                failures.saying(
                    KernelException.Phase.RESTORE,
                    "the checkpoint can't be read; the kernel was not touched",
                    e));
  }

  private Mono<Void> writeAll() {
    return each(this::write)
        .onErrorResume(
            e ->
                // What others have begun is waited for, so that the account is right.
                device
                    .drained(pieces)
                    .then(
                        Mono.error(
                            () ->
                                failures.saying(
                                    KernelException.Phase.RESTORE,
                                    "it stands still with " + plan.account() + "; restore it again",
                                    memoryLost == null ? e : memoryLost))));
  }

  /** One that fails, or a wish to cancel, ends the reads of all others, but no copy. */
  private Mono<Void> each(Function<RestorePlan.Transfer, Mono<Void>> step) {
    return cancellation.ends(
        Flux.fromIterable(plan.transfers(device.in().pieceSize()))
            .flatMap(
                transfer ->
                    (cancellation.isWished()
                            ? Mono.<Void>error(new CancellationException("it was cancelled"))
                            : step.apply(transfer))
                        .materialize(),
                device.in().lanes(),
                1)
            // Values until then: a second error would have nobody to be told to, and be logged.
            .filter(Signal::isOnError)
            .dematerialize()
            .then());
  }

  private Mono<Void> write(RestorePlan.Transfer transfer) {
    return Mono.defer(
        () -> {
          state.wholeness().writing();
          return transfer.target() == null
              ? toDevice(transfer)
              : read(transfer, bytes -> toItsEnd(toHost(bytes, transfer), transfer));
        });
  }

  private Mono<Void> toDevice(RestorePlan.Transfer transfer) {
    int length = transfer.length();
    ByteBuffer view = length == 0 ? null : transfer.content().view(transfer.offset(), length);
    return view != null && view.remaining() == length
        ? toItsEnd(device.in().copyIn(view, transfer.address(), pieces), transfer)
        : read(
            transfer,
            bytes -> toItsEnd(device.in().copyOwnIn(bytes, transfer.address(), pieces), transfer));
  }

  private Mono<Void> read(RestorePlan.Transfer transfer, Function<ByteBuffer, Mono<Void>> then) {
    return device
        .readBuffers()
        .read(transfer.content(), transfer.offset(), transfer.length(), then);
  }

  /**
   * A copy that is not cancelled half-way, as it goes on in any case. What it has written counts,
   * and memory may be lost with it: both are noted before it is no piece under way any more.
   */
  private Mono<Void> toItsEnd(Mono<Void> copy, RestorePlan.Transfer transfer) {
    return Mono.defer(
            () ->
                pieces.enter()
                    ? copy.doOnSuccess(nothing -> transfer.part().add(transfer.length()))
                        .doOnError(this::noteLostMemory)
                        .doOnTerminate(pieces::leave)
                    : Mono.error(new IllegalStateException("the restore has ended")))
        .cache();
  }

  private void noteLostMemory(Throwable error) {
    if (error instanceof StuckDriverException stuck && stuck.isMemoryLost()) {
      memoryLost = stuck;
    }
  }

  private static Mono<Void> toHost(ByteBuffer bytes, RestorePlan.Transfer transfer) {
    return Mono.fromRunnable(() -> transfer.hostTarget().put(bytes));
  }

  /**
   * Ends it, before anybody is told so.
   *
   * @param resume what comes before the turn is given back
   */
  private Mono<Void> end(Mono<Void> resume) {
    Mono<Void> ended = pieces.shut().then(resume).then(Mono.fromRunnable(visit::end));
    if (pieces.users() == 0) {
      return ended;
    }
    // The driver keeps somebody, perhaps for ever: told now, and the turn is given back then.
    ended.subscribe();
    return Mono.empty();
  }
}
