/**
 * Storages that go wrong on demand, around any other: for tests of what stands on a storage.
 *
 * <p>{@link io.ringkernel.checkpoint.tck.fault.FailingStorage} fails calls, breaks streams, and
 * loses responses; {@link io.ringkernel.checkpoint.tck.fault.CorruptingStorage} gives back other
 * bytes than were saved; {@link io.ringkernel.checkpoint.tck.fault.SlowStorage} takes its time.
 * Each keeps the contract in all else, and closing it closes the storage inside.
 */
@NullMarked
package io.ringkernel.checkpoint.tck.fault;

import org.jspecify.annotations.NullMarked;
