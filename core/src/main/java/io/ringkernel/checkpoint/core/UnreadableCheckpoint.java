package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;

/**
 * A name under which nothing can be read as a checkpoint.
 *
 * @param name under which it lies in the store
 * @param problem what is wrong with it
 */
public record UnreadableCheckpoint(String name, CheckpointException problem)
    implements ListedCheckpoint {}
