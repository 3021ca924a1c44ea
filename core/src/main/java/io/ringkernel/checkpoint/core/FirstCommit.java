package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StoredObject;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A look around after a commit that its kernel's head takes for the first: if that head was lost,
 * there are older checkpoints. It costs a bounded number of reads, once for each kernel, and so it
 * misses what lies elsewhere: {@link HeadVerifier} looks everywhere.
 */
final class FirstCommit {
  /** There may be any number of checkpoints, and any number of kernels that begin. */
  static final int MOST_READ = 64;

  private static final int READS_IN_FLIGHT = 16;

  private final CheckpointStorage storage;
  private final Heads heads;
  private final UserNames names;

  FirstCommit(CheckpointStorage storage, Heads heads, Slots slots) {
    this.storage = storage;
    this.heads = heads;
    this.names = new UserNames(storage, slots);
  }

  /**
   * What is to be told of older checkpoints; empty when none was found.
   *
   * @param name of the commit
   * @param entry of the commit
   */
  Mono<String> note(String name, Entry entry) {
    String kernelId = entry.metadata().kernelId();
    return FirstFailure.of(
            around(kernelId, name).filter(object -> !object.name().equals(name)),
            names::named,
            READS_IN_FLIGHT)
        .collect(() -> new KernelTraces(kernelId), KernelTraces::add)
        .filter(traces -> !traces.isEmpty())
        .doOnNext(traces -> traces.numbers().add(entry))
        // Read after the names: a commit is in it before it is under one.
        .zipWhen(traces -> heads.inspect(kernelId))
        .mapNotNull(both -> both.getT2().lacking(both.getT1().numbers()))
        .map(
            damage ->
                "there are checkpoints of this kernel that its head does not know of: "
                    + damage.words())
        // The commit stands, whatever a look around meets.
        .onErrorComplete();
  }

  /** What has a name that was made for the kernel, and what lies beside it. */
  private Flux<StoredObject> around(String kernelId, String name) {
    String beside = name.substring(0, name.lastIndexOf('/') + 1);
    String made = StoreNames.madePrefix(kernelId);
    return Flux.just(made, beside)
        .distinct()
        .concatMap(prefix -> UserNames.in(storage, prefix), 1)
        .distinct(StoredObject::name)
        .take(MOST_READ);
  }
}
