/** Shared by this project's own modules, and exported to those that use it alone. */
@NullMarked
package io.ringkernel.checkpoint.internal;

import org.jspecify.annotations.NullMarked;
