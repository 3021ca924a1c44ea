/**
 * Measures each budget of the design beside its own limit, in one run on one machine.
 *
 * <p>A {@link io.ringkernel.checkpoint.benchmarks.Contest} is one budget: what we do, and the
 * limit, on the same bytes in the same kind of memory. {@link
 * io.ringkernel.checkpoint.benchmarks.Rounds} lets the two take turns, so that a machine whose
 * speed drifts drifts for both, and the verdict is on the median of the pairs' ratios.
 */
@NullMarked
package io.ringkernel.checkpoint.benchmarks;

import org.jspecify.annotations.NullMarked;
