package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Saves kernels, within a stall budget where there is one. */
final class KernelSaver {
  private final Saver saver;
  private final StallGuard stalls;
  private final @Nullable StallBudget budget;

  /**
   * @param budget of requests that bring none
   */
  KernelSaver(Saver saver, StallGuard stalls, @Nullable StallBudget budget) {
    this.saver = saver;
    this.stalls = stalls;
    this.budget = budget;
  }

  Mono<SaveReceipt> save(CheckpointableKernel kernel, SaveRequest request) {
    StallBudget own = request.stallBudget();
    StallBudget most = own == null ? budget : own;
    return most == null ? saver.save(kernel, request) : within(most, kernel, request);
  }

  private Mono<SaveReceipt> within(
      StallBudget most, CheckpointableKernel kernel, SaveRequest request) {
    return Mono.defer(
        () -> {
          StallGuard.Guarded guarded = stalls.guarded(kernel, most);
          return guarded
              .giveUpInTime(saver.save(guarded, request))
              .map(saved -> saved.withNotes(most.noted(saved.notes(), saved.stall())));
        });
  }
}
