package io.ringkernel.checkpoint.kernel.adapter;

import reactor.core.publisher.Mono;

/** How one kernel is brought to stand still and let run on. */
public interface Halt {
  /** Completes when the kernel stands still. */
  Mono<Void> quiesce();

  /** Lets the kernel run on with the state it has. */
  Mono<Void> resume();

  /** Lets the kernel run on with a state that was restored. */
  Mono<Void> runRestored();
}
