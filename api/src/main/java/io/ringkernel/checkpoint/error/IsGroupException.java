package io.ringkernel.checkpoint.error;

import java.io.Serial;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A name under which a group lies, given where one checkpoint is meant. It is no {@link
 * CheckpointNotFoundException}: whoever begins anew when nothing is there would replace the group.
 */
public final class IsGroupException extends CheckpointException {
  @Serial private static final long serialVersionUID = 1L;

  private final String name;
  private final ArrayList<String> kernelIds;

  /**
   * @param name the name that was asked for
   * @param kernelIds of the group's members
   */
  public IsGroupException(String name, List<String> kernelIds) {
    super(
        "'"
            + name
            + "': it is a group of these kernels: "
            + String.join(", ", kernelIds)
            + "; use groups(), or on the command line --member, or one member's own checkpoint",
        null);
    this.name = name;
    this.kernelIds = new ArrayList<>(kernelIds);
  }

  /** The name that was asked for. */
  public String name() {
    return name;
  }

  /** The ids of the members' kernels, in the group's order; immutable. */
  public List<String> kernelIds() {
    return Collections.unmodifiableList(kernelIds);
  }
}
