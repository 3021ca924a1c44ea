/**
 * Storages that fail on demand, around any other storage: for tests of what is built on a storage.
 *
 * <p>{@link io.ringkernel.checkpoint.tck.fault.FailingStorage} fails calls, breaks streams, and
 * loses responses; {@link io.ringkernel.checkpoint.tck.fault.CorruptingStorage} gives back other
 * bytes than were saved; {@link io.ringkernel.checkpoint.tck.fault.SlowStorage} delays calls.
 * Otherwise each keeps the contract, and closing it closes the storage inside.
 */
@NullMarked
package io.ringkernel.checkpoint.tck.fault;

import org.jspecify.annotations.NullMarked;
