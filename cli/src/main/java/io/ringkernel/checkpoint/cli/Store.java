package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.Checkpointer;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An open store, closed with the command.
 *
 * @param checkpointer works on it
 * @param session waits for its clean-up
 */
record Store(Checkpointer checkpointer, Session session) implements AutoCloseable {
  /** The kernels that there are checkpoints of: a mistyped one must not look like one with none. */
  Set<String> kernelIds() {
    return session.await(
        checkpointer
            .list("")
            .ofType(CheckpointInfo.class)
            .map(info -> info.metadata().kernelId())
            .collect(Collectors.toSet()));
  }

  @Override
  public void close() {
    session.interruption().settle(checkpointer.close());
  }
}
