/**
 * The model: what a checkpoint is, and the memory it moves in.
 *
 * <p>Priorities, in this order: the bytes that were captured are the bytes that are restored; no
 * calling thread is blocked; no byte is copied that need not be. The values here are immutable. Two
 * types have a life cycle: {@link io.ringkernel.checkpoint.Checkpoint}, which holds what it
 * captured until it is closed, and {@link io.ringkernel.checkpoint.OwnedBuffer}, which belongs to
 * whoever received it last.
 *
 * <p>Integers that come from the file format are unsigned in comparison, order and text, though
 * Java stores them in {@code int} and {@code long}. Failures are {@link
 * io.ringkernel.checkpoint.error.CheckpointException}s; {@code IllegalArgumentException} means a
 * mistake of the calling program.
 */
@NullMarked
package io.ringkernel.checkpoint;

import org.jspecify.annotations.NullMarked;
