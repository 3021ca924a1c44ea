/** Shared by the modules of this project that it is exported to; no part of the api. */
@NullMarked
package io.ringkernel.checkpoint.internal;

import org.jspecify.annotations.NullMarked;
