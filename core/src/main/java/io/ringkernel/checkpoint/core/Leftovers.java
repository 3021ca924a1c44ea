package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What a near tier has and never sent to the far one. It sends a kernel's checkpoints in the order
 * of their commits, and copies say which commit they are of: so all after the last that arrived are
 * to be sent, and of those before it none, whatever the far tier has pruned since.
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
  static Flux<FarJob> of(Engine near, Engine far, ObjectId tier) {
    return Flux.defer(
        () -> {
          Leftovers leftovers = new Leftovers(far, tier);
          return near.catalog
              .list("")
              .ofType(CheckpointInfo.class)
              .filter(CheckpointInfo::managed)
              .collectMultimap(info -> info.metadata().kernelId())
              .flatMapIterable(Map::entrySet)
              .flatMap(
                  kernel -> leftovers.of(kernel.getKey(), List.copyOf(kernel.getValue())),
                  HEADS_IN_FLIGHT);
        });
  }

  private Flux<FarJob> of(String kernelId, List<CheckpointInfo> infos) {
    return last(kernelId)
        .flatMapIterable(
            last ->
                infos.stream()
                    .filter(info -> mayBeMissing(info, last))
                    .map(
                        info ->
                            new FarJob(
                                kernelId, info.name(), info.sequence(), info.imported(), true))
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
    return far.storage
        .list("")
        .filter(object -> !StoreNames.isReserved(object.name()))
        .flatMap(object -> far.slots.read(object.name()), HEADS_IN_FLIGHT)
        .ofType(Slot.Managed.class)
        .collect(HashMap::new, (known, slot) -> add(known, slot.entry()));
  }

  private void add(Map<String, Long> known, Entry entry) {
    Origin origin = entry.origin();
    if (origin != null && origin.isFrom(tier)) {
      known.merge(
          entry.metadata().kernelId(),
          origin.sequence(),
          (one, other) -> Long.compareUnsigned(one, other) >= 0 ? one : other);
    }
  }
}
