/**
 * What an adapter needs to keep the contract of {@link
 * io.ringkernel.checkpoint.kernel.CheckpointableKernel}, shared by the adapters of this library:
 * visits of a kernel in turns, cancellation that undoes in order, values that are never lost
 * between giver and subscriber, a kernel that stands still for a cut, a count of the uses of what
 * is to be closed, and the match of a checkpoint with a description.
 *
 * <p>Nothing here blocks or has threads. Exported without qualification, since an adapter on the
 * class path sees no package that is exported to some modules only.
 */
@NullMarked
package io.ringkernel.checkpoint.kernel.adapter;

import org.jspecify.annotations.NullMarked;
