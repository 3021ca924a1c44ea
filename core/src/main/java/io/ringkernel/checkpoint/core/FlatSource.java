package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A delta of another store, saved as an object that refers to no other.
 *
 * @param metadata what it is a checkpoint of
 * @param claim by which right it is committed
 * @param isImported whether it stands where it was captured
 * @param origin the commit that it is a copy of; null for a bare file
 * @param id of the new object
 * @param object writes it
 */
record FlatSource(
    CheckpointMetadata metadata,
    Mono<Claims.Claim> claim,
    boolean isImported,
    @Nullable Origin origin,
    Mono<ObjectId> id,
    Function<ObjectId, Mono<Written.WrittenObject>> object)
    implements SaveSource {
  @Override
  public Mono<String> kernelId() {
    return Mono.just(metadata.kernelId());
  }

  @Override
  public Mono<Claims.Claim> claim(String kernelId) {
    return claim;
  }

  @Override
  public Mono<BasePlan> plan(SaveRequest request, String kernelId, Mono<Head> head) {
    return Mono.just(BasePlan.FULL);
  }

  @Override
  public Mono<ObjectId> newId() {
    return id;
  }

  @Override
  public Mono<Written> write(ObjectId newId, BasePlan plan) {
    return object
        .apply(newId)
        .map(written -> new Written(written, metadata, Duration.ZERO, List.of()));
  }
}
