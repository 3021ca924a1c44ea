/**
 * The kernel SPI: what can be captured and restored, and how an adapter makes it of a description.
 *
 * <p>Priorities: the kernel stands still as briefly as possible; a failure of this library never
 * leaves it standing; a state is taken over whole or refused. A kernel is asked for one capture at
 * a time.
 */
@NullMarked
package io.ringkernel.checkpoint.kernel;

import org.jspecify.annotations.NullMarked;
