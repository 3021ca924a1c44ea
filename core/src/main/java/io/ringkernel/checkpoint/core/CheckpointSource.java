package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** A checkpoint that stays its caller's, saved by whoever comes. */
final class CheckpointSource implements SaveSource {
  private final SaveTools tools;
  private final Checkpoint checkpoint;

  CheckpointSource(SaveTools tools, Checkpoint checkpoint) {
    this.tools = tools;
    this.checkpoint = checkpoint;
  }

  @Override
  public Mono<String> kernelId() {
    return Mono.fromSupplier(() -> checkpoint.metadata().kernelId());
  }

  @Override
  public Mono<Claims.Claim> claim(String kernelId) {
    return tools.claims().held(kernelId);
  }

  @Override
  public Mono<BasePlan> plan(SaveRequest request, String kernelId, Mono<Head> head) {
    return tools.bases().plan(request.base().orElse(BaseChoice.full()), kernelId, head);
  }

  @Override
  public Mono<ObjectId> newId() {
    return tools.ids().next();
  }

  /** What it knows of changes is about a base that nobody here knows. */
  @Override
  public Mono<Written> write(ObjectId id, BasePlan plan) {
    return tools.encode(id, checkpoint, plan, false).map(encoded -> encoded.stalled(Duration.ZERO));
  }
}
