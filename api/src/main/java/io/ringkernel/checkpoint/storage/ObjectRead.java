package io.ringkernel.checkpoint.storage;

import io.ringkernel.checkpoint.OwnedBuffer;
import reactor.core.publisher.Flux;

/**
 * Part of an object, opened for reading.
 *
 * @param object what is being read, as it was when opened
 * @param bytes the range that was asked for, in order; each buffer belongs to the subscriber, who
 *     closes it. It fails with {@link io.ringkernel.checkpoint.error.ChangedMeanwhileException} or
 *     {@link io.ringkernel.checkpoint.error.CheckpointNotFoundException} if that version is removed
 *     before it is read
 */
public record ObjectRead(StoredObject object, Flux<OwnedBuffer> bytes) {}
