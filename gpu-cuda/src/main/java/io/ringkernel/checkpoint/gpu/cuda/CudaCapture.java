package io.ringkernel.checkpoint.gpu.cuda;

import static java.util.Objects.requireNonNull;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.internal.ThrownErrors;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.Stop;
import io.ringkernel.checkpoint.kernel.adapter.UseCount;
import io.ringkernel.checkpoint.kernel.adapter.Visit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One capture: stops the kernel, has its state copied aside on the device or points at it, and lets
 * it run on. What has begun and can't be undone (the copy, the resume) is not cancelled but waited
 * for; its checkpoint is then closed by who delivers it.
 */
final class CudaCapture {
  private final Device device;
  private final KernelDescriptor descriptor;
  private final Failures failures;
  private final Visit visit;
  private final @Nullable Checkpoint base;
  private final Cancellation cancellation;
  private final UseCount pieces = new UseCount();
  private final Stop stop;
  private final Mono<Void> resume;
  private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
  private volatile @Nullable Shadow shadow;
  private volatile @Nullable Comparison comparison;
  private volatile long stoppedAt;
  private volatile long resumedAt;
  private volatile @Nullable CheckpointMetadata metadata;

  /**
   * @param base what to compare with; null for a full capture
   */
  CudaCapture(StateAccess state, @Nullable Checkpoint base, Cancellation cancellation) {
    this.device = state.device();
    this.descriptor = state.descriptor();
    this.failures = state.failures();
    this.visit = state.visit(KernelException.Phase.CAPTURE);
    this.base = base;
    this.cancellation = cancellation;
    this.stop = new Stop(state, cancellation);
    this.resume = stop.resume().doOnSuccess(nothing -> resumedAt = System.nanoTime());
  }

  /** The checkpoint, whose closing ends the capture. To be left to run to its end. */
  Mono<Checkpoint> run() {
    return visit
        .enter()
        .then(cancellation.ends(compareWith()))
        .then(Mono.defer(() -> cancellation.ends(visit.awaitTurn())))
        .then(device.settled())
        .then(Mono.defer(this::prepare))
        .then(Mono.defer(this::stopAndTake))
        .then(Mono.defer(this::captured))
        .onErrorMap(e -> failures.of(KernelException.Phase.CAPTURE, "it was not captured", e))
        .onErrorResume(e -> abort(e).then(Mono.error(e)));
  }

  private Mono<Void> compareWith() {
    if (base == null) {
      return Mono.empty();
    }
    return Comparison.with(device.state(), base, device.comparableBlocks())
        .doOnNext(found -> comparison = found)
        .switchIfEmpty(
            Mono.fromRunnable(
                () ->
                    notes.add(
                        "captured in full: the base has no XXH3-128 fingerprints that the device"
                            + " can compare with")))
        .then();
  }

  private Mono<Void> prepare() {
    shadow = device.shadows().take(notes);
    return device.prepare(shadow, comparison, pieces);
  }

  /**
   * Stops it, takes the state, and lets it run on where that is in a shadow. Put together while the
   * kernel still runs: from its acknowledgement on nothing is made, built or scheduled that need
   * not be.
   */
  private Mono<Void> stopAndTake() {
    Shadow aside = shadow;
    Mono<Void> copy = device.mover().move(aside, comparison, HostParts.copyTo(descriptor, aside));
    return stop.begin()
        .then(
            ThrownErrors.ofKernel(
                descriptor.kernelId(),
                KernelException.Phase.CAPTURE,
                Mono.<Void>fromRunnable(this::look)))
        .then(copy)
        .then(aside == null ? Mono.empty() : resume);
  }

  /** What is true while it stands still, first of all. */
  private void look() {
    stoppedAt = System.nanoTime();
    metadata = descriptor.metadata();
  }

  private Mono<Checkpoint> captured() {
    if (shadow != null) {
      return verdict()
          .map(verdict -> checkpoint(verdict, CaptureReport.Mode.SHADOW))
          .doOnNext(checkpoint -> visit.passOn());
    }
    return verdict()
        .map(
            verdict -> {
              resumedAt = System.nanoTime();
              visit.holdOpen();
              return checkpoint(verdict, CaptureReport.Mode.STRAIGHT);
            });
  }

  private Mono<Optional<Verdict>> verdict() {
    return Mono.defer(
        () -> {
          Comparison with = comparison;
          return with == null
              ? Mono.just(Optional.<Verdict>empty())
              : device.verdict(with, pieces, failures).map(Optional::of);
        });
  }

  private Checkpoint checkpoint(Optional<Verdict> verdict, CaptureReport.Mode mode) {
    Duration stall = Duration.ofNanos(Math.max(1, resumedAt - stoppedAt));
    return new CapturedChunks(device, descriptor, failures, shadow, verdict.orElse(null), pieces)
        .addTo(Checkpoint.builder(requireNonNull(metadata)))
        .capture(new CaptureReport(stall, mode, List.copyOf(notes)))
        .onRelease(release())
        .build();
  }

  /** The end of the checkpoint: what is still read from it is waited for. */
  private Mono<Void> release() {
    return Mono.defer(pieces::shut)
        .then(Mono.defer(() -> shadow == null ? resume : Mono.empty()))
        .doOnTerminate(this::end);
  }

  /** Ends a capture that failed or is not wanted any more. */
  private Mono<Void> abort(Throwable failure) {
    return stop.undo(failure)
        .then(Mono.defer(() -> device.drained(pieces)))
        .then(
            Mono.fromRunnable(
                // Where the driver keeps somebody, perhaps for ever: later, and it is told now.
                () -> pieces.shut().then(Mono.fromRunnable(this::end)).subscribe()));
  }

  private void end() {
    Shadow aside = shadow;
    if (aside != null) {
      aside.giveBack();
    }
    visit.end();
  }
}
