/**
 * Kernels on CUDA devices, captured and restored through the driver API: found by {@link
 * java.util.ServiceLoader} under the name {@code "cuda"}.
 *
 * <p>Priorities: the caller's kernel runs on, whatever fails; nothing in this library waits for
 * ever; nothing is allocated, freed or loaded while a kernel runs; a device's memory is never
 * copied whole to the host.
 *
 * <p>Threads: each kernel has a bounded number of its own ({@code rkcp-cuda-<id>}), each handshake
 * has one ({@code rkcp-cuda-<id>-handshake}). These threads alone call the driver, and waiting for
 * them has a limit. Only to start the driver, and to find or make a context, it is called on the
 * thread that adapts or allocates, without a limit.
 *
 * <p>Errors: each answer of the driver goes through one check. A lost device is a {@link
 * io.ringkernel.checkpoint.error.DeviceLostException}, pinned memory of the caller that a stuck
 * driver still has is a {@link io.ringkernel.checkpoint.error.MemoryLostException}, everything else
 * is a {@link io.ringkernel.checkpoint.error.KernelException}: with the driver's code, or with a
 * {@link java.util.concurrent.TimeoutException} as its cause where something took too long.
 *
 * <p>Owners: each native object belongs to one stack, which releases its objects once, in reverse
 * order. Memory that a description names stays the caller's.
 */
@NullMarked
package io.ringkernel.checkpoint.gpu.cuda;

import org.jspecify.annotations.NullMarked;
