/**
 * The contract of {@link io.ringkernel.checkpoint.kernel.CheckpointableKernel} as tests.
 *
 * <p>The test of a kernel extends {@link io.ringkernel.checkpoint.tck.kernel.KernelContract} and
 * says how the kernel is started, driven and inspected: {@link
 * io.ringkernel.checkpoint.tck.kernel.KernelUnderTest}. An adapter needs less: {@link
 * io.ringkernel.checkpoint.tck.kernel.DescribedKernel} is a kernel made of a description, and needs
 * only memory of the adapter's kind.
 *
 * <p>Where the contract leaves a choice, the kernel declares a {@link
 * io.ringkernel.checkpoint.tck.kernel.KernelCapability}, and the tests require what it chose. Only
 * a kernel that nothing outside stops or resumes has no {@link
 * io.ringkernel.checkpoint.tck.kernel.KernelHooks}: tests that make the hooks fail are then
 * reported as not applicable.
 *
 * <p>After each test every kernel must be as free as before it: it is captured once more, in the
 * way it declares, so that a turn or a shadow that was not given back is noticed; it must run on;
 * each quiesce must have had its resume; and nothing that it lends out may still be lent.
 */
@NullMarked
package io.ringkernel.checkpoint.tck.kernel;

import org.jspecify.annotations.NullMarked;
