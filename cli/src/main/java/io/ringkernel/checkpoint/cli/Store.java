package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.core.Checkpointer;

/**
 * An open store, closed with the command.
 *
 * @param checkpointer works on it
 * @param session waits for its clean-up
 */
record Store(Checkpointer checkpointer, Session session) implements AutoCloseable {
  @Override
  public void close() {
    session.interruption().settle(checkpointer.close());
  }
}
