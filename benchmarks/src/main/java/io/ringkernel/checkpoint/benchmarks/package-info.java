/** Measures what the library does beside the physical limit of the same machine. */
@NullMarked
package io.ringkernel.checkpoint.benchmarks;

import org.jspecify.annotations.NullMarked;
