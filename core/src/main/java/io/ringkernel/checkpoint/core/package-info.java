/**
 * The engine: {@link io.ringkernel.checkpoint.core.Checkpointer} saves kernels into a store, and
 * gets them back.
 *
 * <p>Priorities, in this order: what was acknowledged is restorable, bit for bit; a save that
 * failed, was cancelled or lost its process changes nothing that was there; a writer that was
 * replaced can't commit; no calling thread is blocked; a byte that nobody asked for is not read.
 *
 * <p>Nothing happens before subscription, and every subscription is a new attempt. Storage work
 * runs on the storage's threads, hashing and compressing on those of the codec. Failures are {@link
 * io.ringkernel.checkpoint.error.CheckpointException}s; {@code IllegalArgumentException} means a
 * mistake of the calling program. What lies in a store, and why a commit is atomic, is in {@code
 * docs/store.md}.
 */
@NullMarked
package io.ringkernel.checkpoint.core;

import org.jspecify.annotations.NullMarked;
