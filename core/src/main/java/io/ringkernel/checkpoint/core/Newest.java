package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** Which of a kernel's checkpoints is the newest. */
final class Newest {
  /** By what they tell of when they were captured. */
  static final Comparator<CheckpointMetadata> CAPTURED =
      Comparator.comparing(CheckpointMetadata::hlc)
          .thenComparing(CheckpointMetadata::createdAtMicros, Long::compareUnsigned)
          .thenComparing(CheckpointMetadata::step, Long::compareUnsigned);

  /** As storages list them. */
  static final Comparator<String> UTF8_ORDER =
      Comparator.comparing(name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  /**
   * A checkpoint and where it stands.
   *
   * @param after the commit that it stands directly above, or is; 0 for none; unsigned
   */
  private record Placed(CheckpointInfo info, long after) {
    static final Comparator<Placed> ORDER =
        Comparator.comparing((Placed placed) -> placed.info().managed())
            .thenComparing(Placed::after, Long::compareUnsigned)
            .thenComparing(placed -> placed.info().imported())
            .thenComparing(placed -> placed.info().metadata(), CAPTURED)
            .thenComparing(placed -> placed.info().name(), UTF8_ORDER);
  }

  private final Resolver resolver;
  private final Catalog catalog;

  Newest(Resolver resolver, Catalog catalog) {
    this.resolver = resolver;
    this.catalog = catalog;
  }

  /**
   * The checkpoint that a head holds for the newest, if it is still under its name and was the last
   * commit. In a repaired head it may not be: a newer one could perhaps not be read at that time.
   *
   * @return empty when something else is under its name, or nothing; an error when nobody can tell
   */
  Mono<Located.InObject> known(Head head) {
    return Mono.justOrEmpty(Optional.ofNullable(head.latest()))
        .filter(latest -> latest.entry().mark().sequence() == head.sequence())
        .flatMap(
            latest ->
                resolver
                    .resolve(latest.name(), head)
                    .onErrorComplete(CheckpointNotFoundException.class)
                    .ofType(Located.InObject.class)
                    .filter(located -> latest.is(located.entry().mark().nonce())));
  }

  /**
   * The newest managed checkpoint of a head's kernel. When the one that the head knows was removed
   * or replaced, all names are read to find the newest of those that remain.
   */
  Mono<Located.InObject> of(Head head) {
    return head.commits().isEmpty()
        ? Mono.empty()
        : known(head)
            .onErrorComplete(Failures::isUnusable)
            .switchIfEmpty(Mono.defer(() -> remaining(head.kernelId())));
  }

  private Mono<Located.InObject> remaining(String kernelId) {
    return catalog
        .list("")
        .ofType(CheckpointInfo.class)
        .filter(info -> info.managed() && info.metadata().kernelId().equals(kernelId))
        .collectList()
        .flatMap(infos -> Mono.justOrEmpty(newestFirst(infos).stream().findFirst()))
        .flatMap(newest -> resolver.resolve(newest.name()).onErrorComplete(Failures::isUnusable))
        .ofType(Located.InObject.class);
  }

  /**
   * A kernel's checkpoints, newest first: commits by their number; among them what was imported,
   * where it was captured, but never above a commit that came after it; then bare files.
   */
  static List<CheckpointInfo> newestFirst(Collection<CheckpointInfo> ofOneKernel) {
    List<CheckpointInfo> commits =
        ofOneKernel.stream()
            .filter(info -> info.managed() && !info.imported())
            .sorted(
                Comparator.comparing(CheckpointInfo::sequence, Long::compareUnsigned).reversed())
            .toList();
    List<Placed> placed = new ArrayList<>();
    ofOneKernel.forEach(info -> placed.add(new Placed(info, after(info, commits))));
    placed.sort(Placed.ORDER.reversed());
    return placed.stream().map(Placed::info).toList();
  }

  private static long after(CheckpointInfo info, List<CheckpointInfo> commits) {
    if (!info.imported()) {
      return info.sequence();
    }
    return commits.stream()
        .filter(commit -> Long.compareUnsigned(commit.sequence(), info.sequence()) <= 0)
        .filter(commit -> CAPTURED.compare(commit.metadata(), info.metadata()) < 0)
        .findFirst()
        .map(CheckpointInfo::sequence)
        .orElse(0L);
  }
}
