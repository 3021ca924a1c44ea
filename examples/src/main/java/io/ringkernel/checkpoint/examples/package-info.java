/**
 * Kernels to copy from, with their state captured and restored.
 *
 * <p>{@link io.ringkernel.checkpoint.examples.WaveKernel} is a complete {@link
 * io.ringkernel.checkpoint.kernel.CheckpointableKernel}. Where to look: {@code WaveState} is how
 * its state lies in memory, {@code WaveStepper} and {@code WaveSolver} what it computes, {@code
 * KernelLoop} how it comes to stand still between two steps, {@code WaveShadow} how it is captured,
 * {@code WaveRestore} how a checkpoint is refused or taken over, and {@code WaveKernel} brings them
 * together.
 *
 * <p>{@link io.ringkernel.checkpoint.examples.WaveProgram}s start the same wave by name, whoever
 * computes it; the module examples-cuda has one for GPUs.
 */
@NullMarked
package io.ringkernel.checkpoint.examples;

import org.jspecify.annotations.NullMarked;
