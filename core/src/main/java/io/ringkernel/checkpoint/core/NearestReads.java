package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.NoneRestorableException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads from the near tier, and from the far one what the near one lost or can't give. */
final class NearestReads implements Reads {
  private final Engine near;
  private final Engine far;
  private final FarCopies copies;

  NearestReads(Engine near, Engine far, FarCopies copies) {
    this.near = near;
    this.far = far;
    this.copies = copies;
  }

  /** Asks the near tier, then the far one. */
  @Override
  public <T> Mono<T> first(Function<Engine, Mono<T>> read) {
    return Mono.defer(() -> read.apply(near))
        .onErrorResume(
            NearestReads::mayBeFar,
            e -> Mono.defer(() -> read.apply(far)).onErrorMap(other -> told(e, other)));
  }

  /**
   * Whether another tier may do better; of a group, with the member that failed. What is beyond
   * this release, or the limits, is so in both, unless the far one has something older.
   */
  static boolean mayBeFar(Throwable error) {
    Throwable cause = error instanceof GroupException ? error.getCause() : error;
    return cause instanceof StorageException
        || cause instanceof NoneRestorableException
        || (cause != null && Failures.isDamage(cause));
  }

  /** What is wrong near, unless that is only that it is not there. */
  private static Throwable told(Throwable nearError, Throwable farError) {
    boolean nearKnows =
        farError instanceof CheckpointNotFoundException
            || !(nearError instanceof CheckpointNotFoundException);
    Throwable first = nearKnows ? nearError : farError;
    Throwable second = nearKnows ? farError : nearError;
    FirstFailure.suppress(second, first);
    return first;
  }

  /** A checkpoint whose blocks come from the far tier where the near one can't give them. */
  @Override
  public Mono<Checkpoint> load(String name, @Nullable String base) {
    return near.opener
        .open(name)
        .flatMap(
            opened ->
                near.loader
                    .checkpoint(opened, base)
                    .map(
                        checkpoint ->
                            opened.located() instanceof Located.InObject managed
                                ? RescuedCheckpoint.of(checkpoint, copyOf(name, managed.entry()))
                                : checkpoint))
        .onErrorResume(
            NearestReads::mayBeFar,
            e -> far.loader.load(name, base).onErrorMap(other -> told(e, other)));
  }

  /** The same checkpoint in the far tier; empty when it is not there. */
  private Mono<Checkpoint> copyOf(String name, Entry entry) {
    return located(name, entry)
        .flatMap(
            found ->
                far.opener
                    .open(found)
                    .flatMap(file -> far.loader.checkpoint(new Opener.Opened(found, file), null)));
  }

  private Mono<Located> located(String name, Entry entry) {
    return far.resolver
        .resolve(name)
        .filter(found -> found instanceof Located.InObject it && it.entry().isCopyOf(entry))
        .onErrorComplete(CheckpointNotFoundException.class);
  }

  /** All names of both tiers, each once; of those that both have, what the near one says. */
  @Override
  public Flux<ListedCheckpoint> list(String prefix) {
    return merged(prefix, Comparator.comparing(listed -> !listed.isNear()));
  }

  /**
   * The same of both tiers.
   *
   * @param first of those that both have
   */
  private Flux<ListedCheckpoint> merged(String prefix, Comparator<Listed> first) {
    return Flux.mergeComparing(
            64,
            Comparator.comparing(Listed::name, Newest.UTF8_ORDER).thenComparing(first),
            near.catalog.list(prefix).map(one -> new Listed(one, true)),
            far.catalog.list(prefix).map(one -> new Listed(one, false)))
        .distinctUntilChanged(Listed::name)
        .map(Listed::checkpoint);
  }

  private record Listed(ListedCheckpoint checkpoint, boolean isNear) {
    String name() {
      return checkpoint.name();
    }

    /** Whether the other tier may know better what it is. */
    boolean mayBeOther() {
      return checkpoint instanceof UnreadableCheckpoint unreadable
          && mayBeFar(unreadable.problem());
    }
  }

  /** Restores from one checkpoint. */
  @Override
  public Mono<RestoreReceipt> restore(
      CheckpointableKernel kernel, String name, RestoreOptions options) {
    return remembered(kernel, first(engine -> engine.restorer.restore(kernel, name, options)));
  }

  /**
   * Restores from the newest of both tiers that is whole in one of them. The far one's is newer
   * only if somebody else has written it since.
   */
  @Override
  public Mono<RestoreReceipt> restoreLatest(CheckpointableKernel kernel, RestoreOptions options) {
    Mono<RestoreReceipt> fromNear =
        near.restorer.restoreLatest(
            kernel, options, (located, error) -> rescued(kernel, options, located, error));
    Mono<RestoreReceipt> fromFar = Mono.defer(() -> far.restorer.restoreLatest(kernel, options));
    return Mono.defer(() -> isFarAhead(options.fromKernel().orElseGet(kernel::kernelId)))
        .flatMap(
            ahead ->
                remembered(kernel, ahead ? either(fromFar, fromNear) : either(fromNear, fromFar)));
  }

  @Override
  public Mono<RestoreReceipt> restoreMember(
      CheckpointableKernel kernel, String name, RestoreOptions options) {
    return remembered(
        kernel, first(engine -> engine.groupRestorer.restoreMember(kernel, name, options)));
  }

  @Override
  public Mono<GroupRestoreReceipt> restoreGroup(
      String name, List<? extends QuiescableKernel> kernels) {
    return remembered(kernels, first(engine -> engine.groupRestorer.restore(name, kernels)));
  }

  /** The newest cut of both tiers that is whole in one of them; of one while the other is away. */
  @Override
  public Mono<GroupRestoreReceipt> restoreLatestGroup(
      String group, List<? extends QuiescableKernel> kernels) {
    Mono<GroupRestoreReceipt> ofBoth =
        GroupRestorer.restoreLatest(
            group,
            kernels,
            merged(
                "",
                Comparator.comparing(Listed::mayBeOther).thenComparing(listed -> !listed.isNear())),
            List.of(near.groupRestorer, far.groupRestorer));
    return remembered(
        kernels,
        ofBoth.onErrorResume(
            e -> mayBeFar(e) && !isOfBoth(e),
            e -> first(engine -> engine.groupRestorer.restoreLatest(group, kernels))));
  }

  /** What was looked for in both tiers already. */
  private static boolean isOfBoth(Throwable error) {
    return error instanceof CheckpointNotFoundException || error instanceof NoneRestorableException;
  }

  private static Mono<RestoreReceipt> either(Mono<RestoreReceipt> one, Mono<RestoreReceipt> other) {
    return one.onErrorResume(
        NearestReads::mayBeFar, e -> other.onErrorMap(second -> told(e, second)));
  }

  private Mono<RestoreReceipt> rescued(
      CheckpointableKernel kernel, RestoreOptions options, Located located, Throwable error) {
    return located instanceof Located.InObject managed
        ? located(located.name(), managed.entry())
            .flatMap(found -> far.restorer.restore(kernel, found, options))
            .onErrorResume(
                NearestReads::mayBeFar,
                e -> {
                  FirstFailure.suppress(e, error);
                  return Mono.empty();
                })
        : Mono.empty();
  }

  private Mono<Boolean> isFarAhead(String kernelId) {
    return FirstFailure.both(
            copies.tier(),
            far.heads.read(kernelId),
            (tier, found) -> {
              Head.Latest latest = found.head().latest();
              return latest == null || isOurs(latest.entry(), tier)
                  ? Mono.just(false)
                  : near.heads
                      .read(kernelId)
                      .map(ours -> isNewer(latest.entry(), ours.head().latest()));
            })
        .flatMap(isAhead -> isAhead)
        .onErrorResume(NearestReads::mayBeFar, e -> Mono.just(false))
        .onErrorMap(Failures::isBeyondUs, e -> Failures.endsSearch(StoreNames.head(kernelId), e));
  }

  private static boolean isOurs(Entry entry, ObjectId tier) {
    Origin origin = entry.origin();
    return origin != null && origin.isFrom(tier);
  }

  private static boolean isNewer(Entry there, Head.@Nullable Latest here) {
    return here == null || Newest.CAPTURED.compare(there.metadata(), here.entry().metadata()) > 0;
  }

  /** Whoever restores a kernel here writes it from here on. */
  private Mono<RestoreReceipt> remembered(
      CheckpointableKernel kernel, Mono<RestoreReceipt> restore) {
    return remembered(List.of(kernel), restore);
  }

  private <T> Mono<T> remembered(List<? extends CheckpointableKernel> kernels, Mono<T> restore) {
    return restore.flatMap(
        receipt ->
            Flux.fromIterable(kernels)
                .concatMap(kernel -> copies.restored(kernel.kernelId()))
                .then()
                .thenReturn(receipt));
  }
}
