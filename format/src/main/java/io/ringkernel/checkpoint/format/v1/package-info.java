/**
 * Version 1, the format of the reference implementation, byte for byte; {@code docs/format.md} has
 * the layout. Not exported.
 */
@NullMarked
package io.ringkernel.checkpoint.format.v1;

import org.jspecify.annotations.NullMarked;
