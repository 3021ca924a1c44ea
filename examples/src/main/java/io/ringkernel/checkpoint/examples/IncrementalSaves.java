package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.FullPolicy;
import io.ringkernel.checkpoint.core.PruneOptions;
import io.ringkernel.checkpoint.core.PruneReport;
import io.ringkernel.checkpoint.core.RestoreReceipt;
import io.ringkernel.checkpoint.core.RetentionPolicy;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.core.SaveRequest;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * How a service keeps a history that does not grow without end: saves that store what changed, a
 * policy for when to write everything anew, rules for what to keep, and the newest one restored.
 */
public final class IncrementalSaves {
  private final Checkpointer checkpointer;
  private final RetentionPolicy retention;

  /**
   * Opens a store.
   *
   * @param uri for example {@code "file:/var/lib/sim"}
   */
  public IncrementalSaves(String uri) {
    // A kernel is saved against its latest checkpoint unless told otherwise. The default policy
    // keeps restores within 1.1 times those of a full one; this one also ends a chain earlier.
    checkpointer = Checkpointer.builder(uri).fullPolicy(FullPolicy.defaults().maxChain(16)).build();
    retention = RetentionPolicy.builder().keepLast(3).keepEverySteps(1_000).keepTag("keep").build();
  }

  /**
   * Saves what changed, then lets go of what no rule keeps. What a kept delta refers to stays.
   *
   * @param kernel runs on while it is stored
   * @return what was saved
   */
  public Mono<SaveReceipt> save(CheckpointableKernel kernel) {
    return checkpointer
        .save(kernel)
        .flatMap(
            receipt ->
                checkpointer
                    .prune(retention)
                    // Space comes back an hour after nothing refers to an object any more.
                    .then(checkpointer.collect())
                    .thenReturn(receipt));
  }

  /**
   * Saves all of it, so that no rule and no older object can take it away.
   *
   * @param kernel runs on while it is stored
   * @param name of its own
   */
  public Mono<SaveReceipt> savepoint(CheckpointableKernel kernel, String name) {
    return checkpointer.save(kernel, SaveRequest.defaults().named(name).savepoint(true));
  }

  /**
   * Goes back to the newest that is whole. A delta costs no more than a full one, whatever the
   * length of the history: its index says where each block lies.
   *
   * @param kernel takes the state over
   * @return empty when nothing was ever saved: it begins anew. That there is something, and none of
   *     it can be restored, is another error, which nobody should take for that.
   */
  public Mono<RestoreReceipt> restore(CheckpointableKernel kernel) {
    return checkpointer.restoreLatest(kernel).onErrorComplete(CheckpointNotFoundException.class);
  }

  /** The names that a pruning would remove now, and by which rules the others stay. */
  public Flux<PruneReport.Decision> decisions() {
    return checkpointer
        .prune(retention, PruneOptions.defaults().asDryRun())
        .flatMapIterable(PruneReport::decisions);
  }

  /** Closes the store. */
  public Mono<Void> close() {
    return checkpointer.close();
  }
}
