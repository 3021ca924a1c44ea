package io.ringkernel.checkpoint.storage;

/**
 * What a storage can do beyond the contract; the only way to opt out of a test of the contract kit.
 * More values may be added, so a {@code switch} needs a default.
 */
public enum StorageCapability {
  /** What was saved is still there after the process is gone. */
  DURABLE,
  /** Other processes see the same objects, and the guarantees hold between them. */
  SHARED,
  /** Attributes are kept; without it they are ignored and come back empty. */
  ATTRIBUTES,
  /**
   * Attributes come with a listing: the caller need not ask for each object; implies {@link
   * #ATTRIBUTES}.
   */
  LISTS_ATTRIBUTES,
  /**
   * Names that differ by case alone can both be stored; without it the second save of the two is
   * refused with {@link io.ringkernel.checkpoint.error.AlreadyExistsException}.
   */
  CASE_SENSITIVE,
  /**
   * Listings show {@code a/b} also while there is an {@code a}. Without it they may not, though
   * both can be read: the engine then lets a name be a checkpoint's or the beginning of others, not
   * both.
   */
  NESTED_NAMES,
  /**
   * A delete that expects a version removes that version or nothing, also when something else is
   * put there at that moment. Without it, a storage may check the version and then delete whatever
   * is there. But once a delete was answered by anything but a transient error, nothing of it may
   * be done any more. The engine then removes what is under a name in two steps, the first of which
   * is a conditional save.
   */
  CONDITIONAL_DELETES,
  /**
   * Many stretches of an object, wherever they are in it, are read in one request: a checkpoint
   * whose blocks are scattered costs little more to read than another.
   */
  SCATTERED_READS
}
