package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Finds groups and restores them, whole or one member. */
final class GroupRestorer {
  private static final Comparator<GroupInfo> NEWEST_FIRST =
      Comparator.comparing(GroupInfo::cut)
          .thenComparing(GroupInfo::createdAtMicros, Long::compareUnsigned)
          .thenComparing(GroupInfo::name)
          .reversed();

  private final Resolver resolver;
  private final Restorer restorer;
  private final Catalog catalog;
  private final GroupRestore.Means means;

  GroupRestorer(Resolver resolver, Restorer restorer, Catalog catalog, GroupRestore.Means means) {
    this.resolver = resolver;
    this.restorer = restorer;
    this.catalog = catalog;
    this.means = means;
  }

  /** What is known of a group. */
  Mono<GroupInfo> info(String name) {
    return group(name).map(group -> group.manifest().info(name));
  }

  /** Opens the file of one kernel's part. */
  Mono<CheckpointFile> open(String name, String kernelId) {
    return group(name)
        .flatMap(group -> member(group, kernelId))
        .flatMap(member -> means.opener().open(member.located()));
  }

  private static Mono<GroupManifest.Member> member(Located.Group group, String kernelId) {
    return Flux.fromIterable(group.manifest().members())
        .filter(member -> member.kernelId().equals(kernelId))
        .next()
        .switchIfEmpty(
            Mono.error(
                () -> new GroupException(group.name(), kernelId, "it is no member of it", null)));
  }

  /** What lies under a name, if that is a group. */
  Mono<Located.Group> group(String name) {
    return resolver
        .resolve(name)
        .map(
            located -> {
              if (located instanceof Located.Group group) {
                return group;
              }
              throw new GroupException(
                  name, null, "under this name is one checkpoint and no group", null);
            });
  }

  /** Restores one kernel from its part of a group. */
  Mono<RestoreReceipt> restoreMember(
      CheckpointableKernel kernel, String name, RestoreOptions options) {
    return group(name)
        .flatMap(
            group -> {
              String wanted = options.fromKernel().orElseGet(kernel::kernelId);
              return member(group, wanted)
                  .flatMap(member -> restorer.restore(kernel, member.located(), options));
            });
  }

  /** Restores all members of a group. */
  Mono<GroupRestoreReceipt> restore(String name, List<? extends QuiescableKernel> kernels) {
    return Mono.defer(
        () -> {
          long startedAt = System.nanoTime();
          return group(name)
              .flatMap(group -> restore(group, kernels, (attempt, e) -> Mono.error(e)))
              .map(done -> done.receipt(List.of(), since(startedAt)));
        });
  }

  /**
   * Restores all members of the newest of a group's cuts that is whole.
   *
   * @param groupId which group, as its request told it
   */
  Mono<GroupRestoreReceipt> restoreLatest(
      String groupId, List<? extends QuiescableKernel> kernels) {
    return restoreLatest(groupId, kernels, catalog.list(""), List.of(this));
  }

  /**
   * The same of several stores.
   *
   * @param listed all that is in them, each name once
   * @param stores asked for each cut until one has it whole, in this order
   */
  static Mono<GroupRestoreReceipt> restoreLatest(
      String groupId,
      List<? extends QuiescableKernel> kernels,
      Flux<ListedCheckpoint> listed,
      List<GroupRestorer> stores) {
    return Mono.defer(
        () -> {
          long startedAt = System.nanoTime();
          List<SkippedCheckpoint> skipped = new ArrayList<>();
          return newestFirst(groupId, listed, skipped)
              .concatMap(info -> attempt(info, kernels, stores, skipped), 1)
              .next()
              .map(done -> done.receipt(skipped, since(startedAt)))
              .switchIfEmpty(Mono.error(() -> nothingLeft(groupId, skipped)));
        });
  }

  private static Duration since(long startedAt) {
    return Duration.ofNanos(System.nanoTime() - startedAt);
  }

  /** What can't be read tells no group, but a name that was made for this one does. */
  private static Flux<GroupInfo> newestFirst(
      String groupId, Flux<ListedCheckpoint> listed, List<SkippedCheckpoint> skipped) {
    return listed
        .doOnNext(
            one -> {
              if (one instanceof UnreadableCheckpoint unreadable
                  && one.name().startsWith(StoreNames.madePrefix(groupId))) {
                if (Failures.isBeyondUs(unreadable.problem())) {
                  throw Failures.endsSearch(one.name(), unreadable.problem());
                }
                skipped.add(new SkippedCheckpoint(one.name(), unreadable.problem()));
              }
            })
        .ofType(GroupInfo.class)
        .filter(info -> info.group().equals(groupId))
        .collectSortedList(NEWEST_FIRST)
        .flatMapIterable(infos -> infos);
  }

  private static Mono<GroupRestore.Done> attempt(
      GroupInfo info,
      List<? extends QuiescableKernel> kernels,
      List<GroupRestorer> stores,
      List<SkippedCheckpoint> skipped) {
    List<CheckpointException> reasons = new ArrayList<>();
    return Flux.fromIterable(stores)
        .concatMap(store -> store.attempt(info, kernels, reasons), 1)
        .next()
        .switchIfEmpty(Mono.fromRunnable(() -> skip(info, reasons, skipped)));
  }

  private static void skip(
      GroupInfo info, List<CheckpointException> reasons, List<SkippedCheckpoint> skipped) {
    CheckpointException first = reasons.get(0);
    reasons.forEach(reason -> FirstFailure.suppress(reason, first));
    skipped.add(new SkippedCheckpoint(info.name(), first));
  }

  /**
   * Restores one cut; empty when it is not whole here.
   *
   * @param reasons is told why not
   */
  private Mono<GroupRestore.Done> attempt(
      GroupInfo info, List<? extends QuiescableKernel> kernels, List<CheckpointException> reasons) {
    return group(info.name())
        .filter(group -> group.manifest().cut().equals(info.cut()))
        .switchIfEmpty(Mono.error(() -> new CheckpointNotFoundException(info.name())))
        .onErrorResume(
            Failures::isDamage,
            e -> {
              reasons.add((CheckpointException) e);
              return Mono.empty();
            })
        .onErrorMap(Failures::isBeyondUs, e -> Failures.endsSearch(info.name(), e))
        .flatMap(
            group ->
                restore(
                    group,
                    kernels,
                    (attempt, e) ->
                        attempt.wasDamaged(e) && reasons.add(e)
                            ? Mono.empty()
                            : Mono.error(attempt.endsSearch(e))));
  }

  /**
   * @param failed what comes of a failure
   */
  private Mono<GroupRestore.Done> restore(
      Located.Group group,
      List<? extends QuiescableKernel> kernels,
      BiFunction<GroupRestore, GroupException, Mono<GroupRestore.Done>> failed) {
    return Mono.usingWhen(
        Mono.fromSupplier(() -> new GroupRestore(means, group, matched(group, kernels))),
        attempt -> attempt.run().onErrorResume(GroupException.class, e -> failed.apply(attempt, e)),
        attempt -> Mono.empty(),
        (attempt, error) -> Mono.empty(),
        attempt -> attempt.letGo().then());
  }

  private static CheckpointException nothingLeft(String groupId, List<SkippedCheckpoint> skipped) {
    return skipped.isEmpty()
        ? new CheckpointNotFoundException(groupId, "the store has no cut of this group")
        : SkippedCheckpoint.noneLeft(groupId, "of this group's cuts", skipped);
  }

  /** The members in the order of the kernels; refuses a kernel too few or too many. */
  private List<RestoringMember> matched(
      Located.Group group, List<? extends QuiescableKernel> kernels) {
    List<GroupManifest.Member> left = new ArrayList<>(group.manifest().members());
    List<RestoringMember> parts = new ArrayList<>();
    for (QuiescableKernel kernel : kernels) {
      GroupManifest.Member member =
          left.stream()
              .filter(one -> one.kernelId().equals(kernel.kernelId()))
              .findFirst()
              .orElseThrow(
                  () -> refused(group, kernel.kernelId(), "it is no member, or given twice"));
      left.remove(member);
      if (!member.entry().metadata().kernelType().equals(kernel.kernelType())) {
        throw refused(
            group,
            kernel.kernelId(),
            "it is of type '"
                + kernel.kernelType()
                + "', its checkpoint of type '"
                + member.entry().metadata().kernelType()
                + "'");
      }
      parts.add(new RestoringMember(kernel, member));
    }
    if (!left.isEmpty()) {
      String missing = left.get(0).kernelId();
      throw refused(
          group, missing, "it is a member and not given; restore members alone if you must");
    }
    return parts;
  }

  private static GroupException refused(Located.Group group, String kernelId, String reason) {
    return new GroupException(group.name(), kernelId, reason + "; no kernel was touched", null);
  }
}
