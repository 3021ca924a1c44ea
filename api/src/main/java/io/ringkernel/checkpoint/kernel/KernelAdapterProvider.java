package io.ringkernel.checkpoint.kernel;

import java.util.Optional;

/** An adapter, found by {@link java.util.ServiceLoader}, that makes kernels of descriptions. */
public interface KernelAdapterProvider {
  /** The lower-case name: {@code "host"}, {@code "cuda"}. */
  String name();

  /**
   * Why this adapter can't work on this machine, in one sentence; empty when it can. Finding this
   * out loads no more than it must.
   */
  Optional<String> unavailable();

  /**
   * A kernel that captures and restores what the description names; the caller closes it. The
   * memory stays the caller's.
   *
   * @param descriptor where the state is
   * @throws io.ringkernel.checkpoint.error.InvalidOptionException when an option of the description
   *     is unknown to this adapter, or has an unusable value
   * @throws io.ringkernel.checkpoint.error.KernelException when the description can't be adapted,
   *     with the reason
   */
  AdaptedKernel adapt(KernelDescriptor descriptor);
}
