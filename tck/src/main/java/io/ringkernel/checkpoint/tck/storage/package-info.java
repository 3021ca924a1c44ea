/**
 * The contract of {@link io.ringkernel.checkpoint.storage.CheckpointStorage} as tests.
 *
 * <p>The test of a backend extends {@link io.ringkernel.checkpoint.tck.storage.StorageContract} and
 * says how the storage is opened. Nothing is skipped: if a capability is not declared, the test
 * requires what the contract says of storages without it. After each test everything that was lent
 * must be back.
 */
@NullMarked
package io.ringkernel.checkpoint.tck.storage;

import org.jspecify.annotations.NullMarked;
