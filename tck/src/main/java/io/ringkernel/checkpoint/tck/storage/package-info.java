/**
 * The contract of {@link io.ringkernel.checkpoint.storage.CheckpointStorage} as tests.
 *
 * <p>A backend extends {@link io.ringkernel.checkpoint.tck.storage.StorageContract} and says how it
 * is opened. Nothing is skipped: where a capability is not declared, the test asks for what the
 * contract says of storages without it. After each test everything that was lent must be back.
 */
@NullMarked
package io.ringkernel.checkpoint.tck.storage;

import org.jspecify.annotations.NullMarked;
