package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import reactor.core.publisher.Mono;

/** A kernel, which is captured for the save and claimed first. */
final class KernelSource implements SaveSource {
  private final SaveTools tools;
  private final CheckpointableKernel kernel;

  KernelSource(SaveTools tools, CheckpointableKernel kernel) {
    this.tools = tools;
    this.kernel = kernel;
  }

  @Override
  public Mono<String> kernelId() {
    return Mono.fromSupplier(kernel::kernelId);
  }

  @Override
  public Mono<Claims.Claim> claim(String kernelId) {
    return tools.claims().claim(kernelId);
  }

  @Override
  public Mono<BasePlan> plan(SaveRequest request, String kernelId, Mono<Head> head) {
    return tools.bases().plan(request.base().orElse(BaseChoice.automatic()), kernelId, head);
  }

  @Override
  public Mono<ObjectId> newId() {
    return tools.ids().next();
  }

  @Override
  public Mono<Written> write(ObjectId id, BasePlan plan) {
    BasePlan.Base base = plan.base();
    boolean againstBase = base != null && kernel.supportsIncremental();
    return Mono.usingWhen(
            Mono.fromSupplier(
                () -> new Capture(kernel, againstBase && base != null ? base.shown().get() : null)),
            capture ->
                capture
                    .take(tools.captureTimeout(), tools.timer())
                    .flatMap(checkpoint -> tools.encode(id, checkpoint, plan, againstBase))
                    .map(encoded -> new Captured(capture, encoded)),
            KernelSource::closed,
            (capture, error) -> closed(capture),
            KernelSource::closed)
        // Only now, when it is closed, is the stall of a straight capture known.
        .map(done -> done.encoded().stalled(done.capture().stall()));
  }

  private record Captured(Capture capture, SaveTools.Encoded encoded) {}

  private static Mono<Void> closed(Capture capture) {
    return Mono.fromRunnable(capture::close);
  }
}
