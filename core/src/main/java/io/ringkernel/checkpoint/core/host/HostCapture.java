package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
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
  private final KernelDescriptor descriptor;
  private final HostOptions options;
  private final HostHooks hooks;
  private final Visit visit;
  private final ShadowMemory shadows;
  private final Cancellation cancellation;
  private final Mono<Void> resume;
  private volatile @Nullable Shadow shadow;
  private volatile boolean stopped;
  private volatile long stoppedAt;
  private volatile List<String> notes = List.of();

  HostCapture(
      KernelDescriptor descriptor,
      HostOptions options,
      Visit visit,
      ShadowMemory shadows,
      Cancellation cancellation) {
    this.descriptor = descriptor;
    this.options = options;
    this.hooks = new HostHooks(descriptor, options);
    this.visit = visit;
    this.shadows = shadows;
    this.cancellation = cancellation;
    // Remembered, so that it runs once, to its end, whoever asks for it.
    this.resume =
        hooks
            .go()
            .onErrorMap(e -> visit.failed(KernelException.Phase.RESUME, "it could not run on", e))
            .cache();
  }

  /** The checkpoint, whose closing ends the capture. To be left to run to its end. */
  Mono<Checkpoint> run() {
    return cancellation
        .ends(visit.begin())
        .then(Mono.fromRunnable(this::acquireShadow).subscribeOn(HostMemory.THREAD))
        .then(Mono.defer(() -> cancellation.ends(quiesce())))
        .then(Mono.defer(this::capture))
        .onErrorMap(e -> visit.failed(KernelException.Phase.CAPTURE, "it was not captured", e))
        .onErrorResume(e -> abort(e).then(Mono.error(e)));
  }

  private void acquireShadow() {
    long size = descriptor.parts().stream().mapToLong(part -> part.memory().size()).sum();
    if (!options.shadow()) {
      return;
    }
    shadow = shadows.acquire(size);
    if (shadow == null) {
      notes =
          List.of(
              "captured straight: no room for a shadow of "
                  + size
                  + " bytes within the limit or the memory there is");
    }
  }

  private Mono<Void> quiesce() {
    stopped = true;
    return hooks
        .stop()
        .onErrorMap(
            e -> visit.failed(KernelException.Phase.QUIESCE, "it did not come to a stop", e));
  }

  private Mono<Checkpoint> capture() {
    stoppedAt = System.nanoTime();
    CheckpointMetadata metadata = descriptor.metadata();
    Shadow aside = shadow;
    if (aside == null) {
      visit.holdOpen();
      return Mono.fromSupplier(
          () -> checkpoint(metadata, this::straight, CaptureReport.Mode.STRAIGHT, resume));
    }
    List<ByteBuffer> state =
        descriptor.parts().stream().flatMap(part -> HostMemory.of(part).stream()).toList();
    return HostMemory.copy(state, aside.memory())
        .then(resume)
        .then(
            Mono.fromSupplier(
                () ->
                    checkpoint(metadata, inShadow(aside), CaptureReport.Mode.SHADOW, Mono.empty())))
        .doOnNext(checkpoint -> visit.passOn());
  }

  /**
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

  private static Function<KernelDescriptor.Part, ChunkContent> inShadow(Shadow shadow) {
    ChunkContent all = shadow.content();
    long[] next = new long[1];
    return part -> {
      ChunkContent content = all.slice(next[0], part.memory().size());
      next[0] += content.size();
      return content;
    };
  }

  /** Ends a capture that failed or is not wanted any more. */
  private Mono<Void> abort(Throwable failure) {
    return Mono.defer(() -> stopped ? cancellation.runOn(resume, failure) : Mono.empty())
        .then(Mono.fromRunnable(this::end));
  }

  private void end() {
    Shadow aside = shadow;
    if (aside != null) {
      aside.release();
    }
    visit.end();
  }
}
