package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.internal.ThrownErrors;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.Stop;
import io.ringkernel.checkpoint.kernel.adapter.Visit;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One capture: stops the kernel, copies its state aside or points at it, and lets it run on. What
 * has begun and can't be undone (the copy, the resume) is not cancelled but waited for; its
 * checkpoint is then closed by who delivers it.
 */
final class HostCapture {
  private final StateAccess state;
  private final KernelDescriptor descriptor;
  private final Visit visit;
  private final Cancellation cancellation;
  private final Stop stop;
  private volatile @Nullable Shadow shadow;
  private volatile long stoppedAt;
  private volatile List<String> notes = List.of();

  HostCapture(StateAccess state, Cancellation cancellation) {
    this.state = state;
    this.descriptor = state.descriptor();
    this.visit = state.visit(KernelException.Phase.CAPTURE);
    this.cancellation = cancellation;
    this.stop = new Stop(state, cancellation);
  }

  /** The checkpoint, whose closing ends the capture. To be left to run to its end. */
  Mono<Checkpoint> run() {
    return visit
        .enter()
        .then(Mono.defer(() -> cancellation.ends(visit.awaitTurn())))
        .then(Mono.fromRunnable(this::acquireShadow).subscribeOn(HostMemory.THREAD))
        .then(stop.begin())
        .then(
            ThrownErrors.ofKernel(
                descriptor.kernelId(), KernelException.Phase.CAPTURE, Mono.defer(this::capture)))
        .onErrorMap(e -> state.failure(KernelException.Phase.CAPTURE, "it was not captured", e))
        .onErrorResume(e -> abort(e).then(Mono.error(e)));
  }

  private void acquireShadow() {
    long size = descriptor.parts().stream().mapToLong(part -> part.memory().size()).sum();
    if (!state.options().shadow()) {
      return;
    }
    shadow = state.shadows().acquire(size);
    if (shadow == null) {
      notes =
          List.of(
              "captured straight: no room for a shadow of "
                  + size
                  + " bytes within the limit or the memory there is");
    }
  }

  private Mono<Checkpoint> capture() {
    stoppedAt = System.nanoTime();
    CheckpointMetadata metadata = descriptor.metadata();
    Shadow aside = shadow;
    if (aside == null) {
      visit.holdOpen();
      return Mono.fromSupplier(
          () -> checkpoint(metadata, this::straight, CaptureReport.Mode.STRAIGHT, stop.resume()));
    }
    List<ByteBuffer> memory =
        descriptor.parts().stream().flatMap(part -> HostMemory.of(part).stream()).toList();
    return HostMemory.copy(memory, aside.memory())
        .then(stop.resume())
        .then(
            Mono.fromSupplier(
                () ->
                    checkpoint(
                        metadata,
                        part -> aside.next(part.memory().size()),
                        CaptureReport.Mode.SHADOW,
                        Mono.empty())))
        .doOnNext(checkpoint -> visit.passOn());
  }

  /**
   * @param contents of the parts, asked for one by one in their order
   * @param release what comes before all is given back
   */
  private Checkpoint checkpoint(
      CheckpointMetadata metadata,
      Function<KernelDescriptor.Part, ChunkContent> contents,
      CaptureReport.Mode mode,
      Mono<Void> release) {
    CheckpointBuilder checkpoint = Checkpoint.builder(metadata);
    for (KernelDescriptor.Part part : descriptor.parts()) {
      DataChunk chunk = DataChunk.of(part.type(), part.id(), contents.apply(part));
      String name = part.name();
      checkpoint.chunk(name == null ? chunk : chunk.withName(name));
    }
    Duration stall = Duration.ofNanos(System.nanoTime() - stoppedAt);
    return checkpoint
        .capture(new CaptureReport(stall, mode, notes))
        .onRelease(release.doOnTerminate(this::end))
        .build();
  }

  private ChunkContent straight(KernelDescriptor.Part part) {
    return ChunkContent.of(HostMemory.of(part));
  }

  /** Ends a capture that failed or is not wanted any more. */
  private Mono<Void> abort(Throwable failure) {
    return stop.undo(failure).then(Mono.fromRunnable(this::end));
  }

  private void end() {
    Shadow aside = shadow;
    if (aside != null) {
      aside.release();
    }
    visit.end();
  }
}
