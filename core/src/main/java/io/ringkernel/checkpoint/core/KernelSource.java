package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A kernel, which is captured for the save and claimed first. */
final class KernelSource implements SaveSource {
  private final SaveTools tools;
  private final CheckpointableKernel kernel;
  private final Consumer<String> committing;

  /**
   * @param committing told the name just before it is committed; what it throws ends the save
   */
  KernelSource(SaveTools tools, CheckpointableKernel kernel, Consumer<String> committing) {
    this.tools = tools;
    this.kernel = kernel;
    this.committing = committing;
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
    return Mono.defer(
        () -> {
          Capture capture =
              new Capture(
                  kernel,
                  againstBase && base != null ? base.shown().get() : null,
                  tools.releaseLimit());
          return Mono.usingWhen(
                  Mono.just(capture),
                  taken ->
                      taken
                          .take(tools.captureTimeout())
                          .flatMap(checkpoint -> encode(id, checkpoint, plan, againstBase)),
                  Capture::release,
                  (taken, error) -> taken.release().doOnSuccess(done -> taken.addTo(error)),
                  Capture::release)
              // Only now, when it is released, is it known how long it stood still.
              .map(captured -> captured.released(capture.stall(), capture.failure()))
              .doOnCancel(capture::unattended);
        });
  }

  @Override
  public void committing(String name) {
    committing.accept(name);
  }

  private Mono<Captured> encode(
      ObjectId id, Checkpoint checkpoint, BasePlan plan, boolean againstBase) {
    boolean runs =
        checkpoint
            .capture()
            .filter(report -> report.mode() == CaptureReport.Mode.SHADOW)
            .isPresent();
    return tools
        .encode(id, checkpoint, plan, againstBase)
        .map(encoded -> new Captured(encoded, runs));
  }

  /**
   * What was captured and encoded.
   *
   * @param runs whether the kernel runs on already; one that does not tell may stand still
   */
  private record Captured(SaveTools.Encoded encoded, boolean runs) {
    /**
     * @param failure why it was not released; null when it was
     */
    Written released(Duration stall, @Nullable Throwable failure) {
      if (failure == null) {
        return encoded.stalled(stall);
      }
      return runs
          ? encoded
              .noted("what it was captured into was not given back: " + failure.getMessage())
              .stalled(stall)
          : encoded.stalled(stall).standing(failure);
    }
  }
}
