package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import reactor.core.publisher.Mono;

/**
 * Who copies and fingerprints a state within the device while its kernel stands still. A kernel
 * that fills the device leaves no room for another, and a copy within the device may be one.
 */
sealed interface Mover {
  /**
   * Nobody: there may be no room. The state is read through the bus, and nothing is compared.
   *
   * @param why for the notes of a capture
   */
  record Nobody(String why) implements Mover {}

  /** The kernel's own groups, told through its handshake. */
  record Itself(Handshake handshake) implements Mover {
    Mono<Void> move(WorkTable table, Runnable meanwhile) {
      return handshake.capture(table.address(), meanwhile);
    }
  }

  /** A copy or launch of ours, for which there is room. */
  record Launched() implements Mover {}

  /**
   * Who it is for a kernel.
   *
   * @param multiprocessors of its device: a kernel of fewer groups leaves at least one free
   */
  static Mover of(KernelDescriptor descriptor, CudaOptions options, int multiprocessors) {
    if (descriptor.quiesce() instanceof Handshake.Quiesce hook) {
      return new Itself(hook.handshake());
    }
    return options.resident() < multiprocessors
        ? new Launched()
        : new Nobody(
            "the "
                + options.resident()
                + " blocks that stay may fill the device, which leaves no room for a copy within"
                + " it");
  }
}
