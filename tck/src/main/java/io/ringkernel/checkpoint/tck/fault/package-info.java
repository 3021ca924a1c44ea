/**
 * Storages that fail on demand, around any other storage, and contents: for tests of what is built
 * on them.
 *
 * <p>{@link io.ringkernel.checkpoint.tck.fault.FailingStorage} fails calls, breaks streams, and
 * loses responses; {@link io.ringkernel.checkpoint.tck.fault.CorruptingStorage} gives back other
 * bytes than were saved; {@link io.ringkernel.checkpoint.tck.fault.SlowStorage} delays calls.
 * Otherwise each keeps the contract, and closing it closes the storage inside. One of your own
 * extends {@link io.ringkernel.checkpoint.tck.fault.ForwardingStorage}. {@link
 * io.ringkernel.checkpoint.tck.fault.ScriptedContent} is a content that reads as it is told.
 */
@NullMarked
package io.ringkernel.checkpoint.tck.fault;

import org.jspecify.annotations.NullMarked;
