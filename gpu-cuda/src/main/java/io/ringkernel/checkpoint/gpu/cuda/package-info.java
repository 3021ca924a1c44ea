/**
 * Kernels on CUDA devices, captured and restored through the driver API: found by {@link
 * java.util.ServiceLoader} under the name {@code "cuda"}.
 *
 * <p>Priorities: the caller's kernel runs on whatever fails; nothing of ours waits for ever;
 * nothing is allocated, freed or loaded while a kernel runs; a device's memory is never copied
 * whole to the host.
 *
 * <p>Threads: each kernel has a bounded number of its own ({@code rkcp-cuda-<id>}), each handshake
 * one ({@code rkcp-cuda-<id>-handshake}), and they alone call the driver, and are waited for with a
 * limit; only to start it and to find or make a context it is called on the thread of whoever
 * adapts or allocates, without one.
 *
 * <p>Errors: each answer of the driver goes through one place. A lost device is a {@link
 * io.ringkernel.checkpoint.error.DeviceLostException}, the caller's pinned memory that a stuck
 * driver still has a {@link io.ringkernel.checkpoint.error.MemoryLostException}, everything else a
 * {@link io.ringkernel.checkpoint.error.KernelException}: with the driver's code, or with a {@link
 * java.util.concurrent.TimeoutException} as its cause where something took too long.
 *
 * <p>Owners: a native object belongs to one stack that gives it back in reverse order, once. Memory
 * that a description names stays the caller's.
 */
@NullMarked
package io.ringkernel.checkpoint.gpu.cuda;

import org.jspecify.annotations.NullMarked;
