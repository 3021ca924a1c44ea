package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import reactor.core.publisher.Mono;

/** What a save stores: a kernel, a checkpoint, or a file; and by which right. */
interface SaveSource {
  /** Which kernel it is of. */
  Mono<String> kernelId();

  /** The right to commit for the kernel; empty to join whatever epoch there is. */
  Mono<Claims.Claim> claim(String kernelId);

  /** Whether it is stored as it is, so that it was captured elsewhere, or earlier. */
  default boolean isImported() {
    return false;
  }

  /**
   * What to save it against, and so which objects the new one may refer to.
   *
   * @param head the kernel's, read when it is needed
   */
  Mono<BasePlan> plan(SaveRequest request, String kernelId, Mono<Head> head);

  /** The id of the object to be written. */
  Mono<ObjectId> newId();

  /**
   * Writes the object.
   *
   * @param id the object's
   * @param plan what it may refer to
   */
  Mono<Written> write(ObjectId id, BasePlan plan);
}
