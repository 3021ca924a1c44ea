package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What a near tier has and never sent to the far one. It sends a kernel's checkpoints in the order
 * of their commits, and copies say which commit they are of: so all after the last that arrived are
 * to be sent, and of those before it none, whatever the far tier has pruned since. A group is to be
 * sent when it is not there and all its members are, or will be.
 */
final class Leftovers {
  private static final int HEADS_IN_FLIGHT = 8;

  private final Engine far;
  private final ObjectId tier;
  private final Mono<Map<String, Long>> everywhere;

  private Leftovers(Engine far, ObjectId tier) {
    this.far = far;
    this.tier = tier;
    this.everywhere = searched().cache();
  }

  /** All of it, each kernel's in order. */
  static Mono<List<FarJob>> of(Engine near, Engine far, ObjectId tier) {
    return near.catalog
        .list("")
        .collectList()
        .flatMap(listed -> new Leftovers(far, tier).of(listed));
  }

  private Mono<List<FarJob>> of(List<ListedCheckpoint> listed) {
    Map<String, List<CheckpointInfo>> kernels =
        listed.stream()
            .filter(CheckpointInfo.class::isInstance)
            .map(CheckpointInfo.class::cast)
            .filter(CheckpointInfo::managed)
            .collect(Collectors.groupingBy(info -> info.metadata().kernelId()));
    return FirstFailure.of(
            Flux.fromIterable(kernels.entrySet()),
            kernel -> of(kernel.getKey(), kernel.getValue()),
            HEADS_IN_FLIGHT)
        .concatMapIterable(jobs -> jobs)
        .collectList()
        .flatMap(
            jobs ->
                FirstFailure.of(
                        Flux.fromIterable(listed).ofType(GroupInfo.class),
                        group -> missing(group, jobs),
                        HEADS_IN_FLIGHT)
                    .collectList()
                    .map(groups -> Stream.concat(jobs.stream(), groups.stream()).toList()));
  }

  /** Of one that can't follow its members nobody is told again with each start. */
  private Mono<FarJob> missing(GroupInfo group, List<FarJob> jobs) {
    FarGroup wanted = FarGroup.of(group);
    return far.slots
        .read(group.name())
        .flatMap(
            slot ->
                slot instanceof Slot.Group there
                        && wanted.isOf(new Located.Group(group.name(), there.manifest()))
                    ? Mono.just(false)
                    : FirstFailure.of(
                            Flux.fromIterable(group.members())
                                .filter(member -> jobs.stream().noneMatch(job -> job.isOf(member))),
                            this::isThere,
                            HEADS_IN_FLIGHT)
                        .all(there -> there))
        .filter(missing -> missing)
        .map(missing -> wanted);
  }

  private Mono<Boolean> isThere(CheckpointInfo member) {
    return far.slots
        .read(member.name())
        .map(
            slot ->
                slot instanceof Slot.Managed managed
                    && managed.entry().isOf(member.metadata().kernelId())
                    && isCopyOf(member, managed.entry().origin()));
  }

  private boolean isCopyOf(CheckpointInfo member, @Nullable Origin origin) {
    return origin != null && origin.isFrom(tier) && origin.sequence() == member.sequence();
  }

  private Mono<List<FarJob>> of(String kernelId, List<CheckpointInfo> infos) {
    return last(kernelId)
        .map(
            last ->
                infos.stream()
                    .filter(info -> mayBeMissing(info, last))
                    .<FarJob>map(info -> FarCheckpoint.of(info, true))
                    .sorted(FarJob.ORDER)
                    .toList());
  }

  /** An import tells the commit before it: if that one arrived, it may be there as well. */
  private static boolean mayBeMissing(CheckpointInfo info, long last) {
    int order = Long.compareUnsigned(info.sequence(), last);
    return info.imported() ? order >= 0 : order > 0;
  }

  /** The last commit that arrived; 0 when none did. Mostly the kernel's head over there knows. */
  private Mono<Long> last(String kernelId) {
    return far.heads
        .read(kernelId)
        .flatMap(
            found ->
                found.version() == null
                    ? Mono.just(0L)
                    : told(found.head())
                        .switchIfEmpty(everywhere.map(known -> known.getOrDefault(kernelId, 0L))));
  }

  /**
   * What a head tells; empty when another writer was the last, and when its commit isn't there: it
   * is void if its name changed before the entry was written.
   */
  private Mono<Long> told(Head head) {
    Head.Latest latest = head.latest();
    Origin origin = latest == null ? null : latest.entry().origin();
    if (latest == null || origin == null || !origin.isFrom(tier)) {
      return Mono.empty();
    }
    return far.slots
        .read(latest.name())
        .filter(slot -> slot.holds(latest.base()) || isIn(slot, latest))
        .map(slot -> origin.sequence());
  }

  private static boolean isIn(Slot slot, Head.Latest latest) {
    return slot instanceof Slot.Managed managed && latest.is(managed.entry().mark().nonce());
  }

  /** The same of all kernels, from all that is there: for when another writer has come between. */
  private Mono<Map<String, Long>> searched() {
    return FirstFailure.of(
            UserNames.in(far.storage, ""), object -> far.slots.read(object.name()), HEADS_IN_FLIGHT)
        .ofType(Slot.Managed.class)
        .collect(HashMap::new, (known, slot) -> add(known, slot.entry()));
  }

  private void add(Map<String, Long> known, Entry entry) {
    Origin origin = entry.origin();
    if (origin != null && origin.isFrom(tier)) {
      known.merge(entry.metadata().kernelId(), origin.sequence(), CommitMark::higher);
    }
  }
}
