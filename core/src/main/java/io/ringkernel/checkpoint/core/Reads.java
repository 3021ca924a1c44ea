package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Where a checkpointer finds what it is asked for: in one store, or in the nearest of two. */
interface Reads {
  /**
   * The answer of a store that has one.
   *
   * @param read asks a store
   */
  <T> Mono<T> first(Function<Engine, Mono<T>> read);

  /** See {@link Checkpointer#load(String, String)}; without a base where there is none. */
  Mono<Checkpoint> load(String name, @Nullable String base);

  /** See {@link Checkpointer#list}. */
  Flux<ListedCheckpoint> list(String prefix);

  /** See {@link Checkpointer#restore(CheckpointableKernel, String, RestoreOptions)}. */
  Mono<RestoreReceipt> restore(CheckpointableKernel kernel, String name, RestoreOptions options);

  /** See {@link Checkpointer#restoreLatest(CheckpointableKernel, RestoreOptions)}. */
  Mono<RestoreReceipt> restoreLatest(CheckpointableKernel kernel, RestoreOptions options);

  /** See {@link Groups#restoreMember}. */
  Mono<RestoreReceipt> restoreMember(
      CheckpointableKernel kernel, String name, RestoreOptions options);

  /** See {@link Groups#restore}. */
  Mono<GroupRestoreReceipt> restoreGroup(String name, List<? extends QuiescableKernel> kernels);

  /** See {@link Groups#restoreLatest}. */
  Mono<GroupRestoreReceipt> restoreLatestGroup(
      String group, List<? extends QuiescableKernel> kernels);

  /** All from one store. */
  record FromOne(Engine store) implements Reads {
    @Override
    public <T> Mono<T> first(Function<Engine, Mono<T>> read) {
      return read.apply(store);
    }

    @Override
    public Mono<Checkpoint> load(String name, @Nullable String base) {
      return store.loader.load(name, base);
    }

    @Override
    public Flux<ListedCheckpoint> list(String prefix) {
      return store.catalog.list(prefix);
    }

    @Override
    public Mono<RestoreReceipt> restore(
        CheckpointableKernel kernel, String name, RestoreOptions options) {
      return store.restorer.restore(kernel, name, options);
    }

    @Override
    public Mono<RestoreReceipt> restoreLatest(CheckpointableKernel kernel, RestoreOptions options) {
      return store.restorer.restoreLatest(kernel, options);
    }

    @Override
    public Mono<RestoreReceipt> restoreMember(
        CheckpointableKernel kernel, String name, RestoreOptions options) {
      return store.groupRestorer.restoreMember(kernel, name, options);
    }

    @Override
    public Mono<GroupRestoreReceipt> restoreGroup(
        String name, List<? extends QuiescableKernel> kernels) {
      return store.groupRestorer.restore(name, kernels);
    }

    @Override
    public Mono<GroupRestoreReceipt> restoreLatestGroup(
        String group, List<? extends QuiescableKernel> kernels) {
      return store.groupRestorer.restoreLatest(group, kernels);
    }
  }
}
