/** Shared by the look-ups of this module; not exported. */
@NullMarked
package io.ringkernel.checkpoint.internal;

import org.jspecify.annotations.NullMarked;
