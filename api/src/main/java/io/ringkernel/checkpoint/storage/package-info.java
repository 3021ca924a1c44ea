/**
 * The storage SPI: named, immutable-once-written bytes with versions, and how a storage is found by
 * URI.
 *
 * <p>Storages move bytes and never see the format. What every one of them guarantees is in {@link
 * io.ringkernel.checkpoint.storage.CheckpointStorage}; what only some can is a {@link
 * io.ringkernel.checkpoint.storage.StorageCapability}. Nothing happens before subscription, each
 * subscription is a new attempt, and blocking work runs on a bounded scheduler that the storage
 * owns and {@code close} disposes.
 */
@NullMarked
package io.ringkernel.checkpoint.storage;

import org.jspecify.annotations.NullMarked;
