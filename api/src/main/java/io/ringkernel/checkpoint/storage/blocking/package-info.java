/**
 * The reactive half of a storage whose calls block: threads, demand, cancellation and close.
 *
 * <p>For backends only. A backend brings blocking code ({@link
 * io.ringkernel.checkpoint.storage.blocking.BlockingWork}, {@link
 * io.ringkernel.checkpoint.storage.blocking.BlockingSource}, {@link
 * io.ringkernel.checkpoint.storage.blocking.BlockingSave}); {@link
 * io.ringkernel.checkpoint.storage.blocking.BlockingOperations} runs it on a few daemon threads of
 * its own, so that what {@link io.ringkernel.checkpoint.storage.CheckpointStorage} promises holds:
 * nothing happens before subscription, demand bounds what is fetched and asked for, every buffer is
 * closed once, a cancel takes effect soon, and the close waits for the clean-up.
 *
 * <p>A backend whose client does not block takes only the pieces: the threads to run its
 * subscribers on ({@link io.ringkernel.checkpoint.storage.blocking.IoThreads}), work that is done
 * by one of them at a time ({@link io.ringkernel.checkpoint.storage.blocking.SerialWork}), the
 * buffers that a source has brought ({@link io.ringkernel.checkpoint.storage.blocking.Arrivals}),
 * and what a close waits for ({@link io.ringkernel.checkpoint.storage.blocking.UnderWay}).
 *
 * <p>Blocking code is never interrupted, and an interrupt that a subscriber's callback left on one
 * of these threads never reaches it: many clients close what they are working on when they are
 * interrupted. Work that must end early learns this from its {@link
 * io.ringkernel.checkpoint.storage.blocking.Attempt}.
 */
@NullMarked
package io.ringkernel.checkpoint.storage.blocking;

import org.jspecify.annotations.NullMarked;
