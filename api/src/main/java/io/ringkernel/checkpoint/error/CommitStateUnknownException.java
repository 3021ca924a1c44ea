package io.ringkernel.checkpoint.error;

import java.io.Serial;

/**
 * A save, an import or a copy that may have been committed: the answer to the commit was lost, and
 * could not be found out afterwards. For a member of a group: its coordinator was lost while it
 * committed. Either the new checkpoint or group is there, whole, or what was there before.
 *
 * <p>If you must know, ask the store for {@link #name()} when it answers again: what is there was
 * committed by this call if it has the {@link #id()}. If you only want a checkpoint, save again.
 * That is safe, except for "only if absent": if this call did commit, the second save is refused.
 */
public final class CommitStateUnknownException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String name;
  private final String id;

  /**
   * @param name what to ask for
   * @param id what this call's commit has, and no other
   * @param advice how to ask
   * @param cause the failure that lost the answer
   */
  public CommitStateUnknownException(String name, String id, String advice, Throwable cause) {
    super("'" + name + "' may have been committed: " + cause.getMessage() + "; " + advice, cause);
    this.name = name;
    this.id = id;
  }

  /** The name of the checkpoint or group that may have been committed. */
  public String name() {
    return name;
  }

  /**
   * What distinguishes it from anything else under that name: for a checkpoint the id of its
   * object, as hex; for a group the time of its cut, as text.
   */
  public String id() {
    return id;
  }

  /** Whether the failure that lost the answer may pass without anybody's help. */
  public boolean isTransient() {
    return getCause() instanceof StorageException storage && storage.isTransient();
  }
}
