/** Kernels to copy from, with their state captured and restored. */
@NullMarked
package io.ringkernel.checkpoint.examples;

import org.jspecify.annotations.NullMarked;
