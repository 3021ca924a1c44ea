package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import org.jspecify.annotations.Nullable;
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

  /**
   * What becomes of the plan once the pin was checked.
   *
   * @param plan as it was made
   * @param referable whether all that it refers to is there to stay
   * @return the plan, or one that does without; an error when it can't
   */
  default BasePlan checked(BasePlan plan, boolean referable) {
    return referable ? plan : plan.withoutBase();
  }

  /** Whether nobody else can refer to the object, so that it goes when it is not committed. */
  default boolean owns(ObjectId id) {
    return true;
  }

  /** The commit that it is a copy of; null when it is none. */
  default @Nullable Origin origin() {
    return null;
  }

  /** The id of the object to be written. */
  Mono<ObjectId> newId();

  /**
   * Writes the object.
   *
   * @param id the object's
   * @param plan what it may refer to
   */
  Mono<Written> write(ObjectId id, BasePlan plan);

  /**
   * Told just before it is committed for the first time; what it throws ends the save.
   *
   * @param name under which it will be
   */
  default void committing(String name) {}
}
