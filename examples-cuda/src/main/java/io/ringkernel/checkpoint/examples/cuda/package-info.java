/**
 * A persistent CUDA kernel to copy from.
 *
 * <p>{@code wave3d.cu} is the kernel: where it comes to a safe point, what it reads again after a
 * restore. {@link io.ringkernel.checkpoint.examples.cuda.CudaWave} is the program that starts it:
 * what is made before it is launched, how it is described to the adapter, how it ends.
 */
@NullMarked
package io.ringkernel.checkpoint.examples.cuda;

import org.jspecify.annotations.NullMarked;
