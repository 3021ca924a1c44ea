package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;

/**
 * A checkpoint that a restore passed over.
 *
 * @param name which
 * @param reason why it can't be restored
 */
public record SkippedCheckpoint(String name, CheckpointException reason) {}
