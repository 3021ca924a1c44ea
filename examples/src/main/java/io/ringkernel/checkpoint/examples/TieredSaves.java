package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.FarReceipt;
import io.ringkernel.checkpoint.core.RestoreReceipt;
import io.ringkernel.checkpoint.core.RetentionPolicy;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.core.TieredStorage;
import io.ringkernel.checkpoint.core.TieredStorage.Overflow;
import io.ringkernel.checkpoint.core.Tiers;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * How a service saves to a fast disk beside its device and has every checkpoint in a store that
 * outlives the machine soon after.
 */
public final class TieredSaves {
  private final Checkpointer checkpointer;
  private final Tiers tiers;

  /**
   * Opens both, and begins to copy what an earlier process left.
   *
   * @param near for example {@code "file:/nvme/runs"}
   * @param far for example {@code "gs://bucket/runs"}
   */
  public TieredSaves(String near, String far) {
    // A save waits, before the kernel is stopped, only when eight are on their way already.
    TieredStorage storage =
        TieredStorage.of(near, far).backlog(8, Overflow.WAIT).finishWithin(Duration.ofMinutes(5));
    checkpointer = Checkpointer.builder(storage).build();
    tiers = checkpointer.tiers().orElseThrow();
  }

  /**
   * Saves a kernel; it is safe against the end of this process.
   *
   * @param kernel runs on while it is stored
   */
  public Mono<SaveReceipt> save(CheckpointableKernel kernel) {
    return checkpointer.save(kernel);
  }

  /**
   * Saves a kernel, and waits until it is safe against the end of this machine.
   *
   * @param kernel runs on meanwhile
   */
  public Mono<FarReceipt> saveFar(CheckpointableKernel kernel) {
    return checkpointer.save(kernel).flatMap(tiers::copied);
  }

  /** What an operator should see: copies that were put off, skipped or given up. */
  public Flux<FarReceipt> trouble() {
    return tiers.receipts().filter(receipt -> receipt.outcome() != FarReceipt.Outcome.COPIED);
  }

  /** Keeps the last two here, and the last ten and one of each day there. */
  public Mono<Void> prune() {
    RetentionPolicy there =
        RetentionPolicy.builder().keepLast(10).keepEvery(Duration.ofDays(1)).build();
    return checkpointer
        .prune(RetentionPolicy.keepLast(2))
        .then(checkpointer.collect())
        .then(tiers.far().prune(there))
        .then(tiers.far().collect())
        .then();
  }

  /**
   * Goes back to the newest, from the disk if it is there, else from the far store.
   *
   * @param kernel takes the state over
   */
  public Mono<RestoreReceipt> restore(CheckpointableKernel kernel) {
    return checkpointer.restoreLatest(kernel);
  }

  /** Finishes the copies, then closes both stores. */
  public Mono<Void> close() {
    return checkpointer.close();
  }
}
