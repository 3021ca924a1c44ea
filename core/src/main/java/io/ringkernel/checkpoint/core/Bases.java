package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.EncodeOptions;
import java.util.Optional;
import java.util.function.BiFunction;
import reactor.core.publisher.Mono;

/** Decides what a save is compared with. */
final class Bases {
  private static final int MOST_ANCESTORS = 65_535;

  /** A small state is restored in no time, from however many files. */
  private static final double NEGLIGIBLE_SECONDS = 5e-3;

  private final Newest newest;
  private final Resolver resolver;
  private final BaseIndexes indexes;
  private final EncodeOptions encoding;
  private final FullPolicy policy;
  private final ReadSpeed speed;
  private final boolean scattered;
  private final BiFunction<Entry, BlockIndex, Checkpoint> show;

  /**
   * @param scattered whether the storage reads many stretches of an object in one request
   * @param show makes the checkpoint that kernels are shown of a base
   */
  Bases(
      Newest newest,
      Resolver resolver,
      BaseIndexes indexes,
      EncodeOptions encoding,
      FullPolicy policy,
      ReadSpeed speed,
      boolean scattered,
      BiFunction<Entry, BlockIndex, Checkpoint> show) {
    this.newest = newest;
    this.resolver = resolver;
    this.indexes = indexes;
    this.encoding = encoding;
    this.policy = policy;
    this.speed = speed;
    this.scattered = scattered;
    this.show = show;
  }

  /**
   * What to save against.
   *
   * @param choice as the caller wants it
   * @param kernelId which kernel is saved
   * @param head the kernel's, read when it is needed
   */
  Mono<BasePlan> plan(BaseChoice choice, String kernelId, Mono<Head> head) {
    return switch (choice.kind()) {
      case FULL -> Mono.just(BasePlan.FULL);
      case AUTOMATIC -> automatic(head);
      case LATEST ->
          head.flatMap(newest::of)
              .flatMap(latest -> against(latest, true))
              .onErrorResume(Failures::isUnusable, e -> Mono.just(unusable(e)))
              .defaultIfEmpty(BasePlan.full("no checkpoint is known as its kernel's latest"));
      case NAMED -> named(String.valueOf(choice.name()), kernelId);
    };
  }

  private Mono<BasePlan> automatic(Mono<Head> head) {
    return encoding.formatVersion() == 1 || policy.maxChain() == 0
        ? Mono.just(BasePlan.FULL)
        : head.flatMap(newest::of)
            .flatMap(latest -> against(latest, false))
            .onErrorResume(Failures::isUnusable, e -> Mono.just(unusable(e)))
            .defaultIfEmpty(BasePlan.FULL);
  }

  private static BasePlan unusable(Throwable error) {
    return BasePlan.full("its base can't be used: " + error.getMessage());
  }

  private Mono<BasePlan> named(String name, String kernelId) {
    return resolver
        .resolve(name)
        .flatMap(
            located -> {
              if (located instanceof Located.Group group) {
                return Mono.error(group.refusal());
              }
              if (!(located instanceof Located.InObject managed)) {
                return Mono.just(
                    BasePlan.full(
                        "'" + name + "' is a bare file, which a delta can't refer to; import it"));
              }
              if (!managed.entry().isOf(kernelId)) {
                return Mono.error(
                    new BaseMismatchException(
                        name,
                        "it is of kernel '"
                            + managed.entry().metadata().kernelId()
                            + "', and blocks are never shared with another, here '"
                            + kernelId
                            + "'",
                        null));
              }
              return against(managed, true);
            });
  }

  private Mono<BasePlan> against(Located.InObject base, boolean whateverThePolicySays) {
    Entry entry = base.entry();
    if (encoding.formatVersion() == 1) {
      return Mono.just(
          entry.file().kind() == CheckpointKind.FULL
              ? BasePlan.on(new BasePlan.WholeChunks(base.name(), entry))
              : BasePlan.full("a delta of version 1 needs a full base"));
    }
    if (entry.file().formatVersion() == 1) {
      return Mono.just(BasePlan.full("its base is of version 1, which no delta refers to"));
    }
    return indexes
        .get(entry.file())
        .map(
            index ->
                reasonForFull(entry, index, whateverThePolicySays)
                    .map(BasePlan::full)
                    .orElseGet(
                        () ->
                            BasePlan.on(
                                new BasePlan.Base(
                                    base.name(), entry, index, () -> show.apply(entry, index)))))
        .onErrorResume(
            LimitExceededException.class,
            e -> Mono.just(BasePlan.full(String.valueOf(e.getMessage()))));
  }

  private Optional<String> reasonForFull(
      Entry entry, BlockIndex index, boolean whateverThePolicySays) {
    if (!entry.file().objectId().equals(index.objectId())) {
      return Optional.of(
          "its base is a second copy within this store, which no delta can refer to; name the"
              + " checkpoint that it was copied from");
    }
    if (index.blockSize() != encoding.blockSize()) {
      return Optional.of(
          String.format(
              "its base has blocks of %d bytes, not %d", index.blockSize(), encoding.blockSize()));
    }
    if (index.algorithm().filter(other -> other != encoding.fingerprints()).isPresent()) {
      return Optional.of(
          "its base has fingerprints of "
              + index.algorithm().get()
              + ", not "
              + encoding.fingerprints());
    }
    if (index.ancestors().size() >= MOST_ANCESTORS) {
      return Optional.of("its base refers to as many objects as the format allows");
    }
    return whateverThePolicySays
        ? Optional.empty()
        : policy.reasonForFull(
            index.ancestors().size() + 1,
            foreignShare(index),
            expectedCost(
                index.flatReadCost(), index.readCost(scattered), index.ancestors().size(), speed));
  }

  private static double foreignShare(BlockIndex index) {
    return index.blocks() == 0 ? 0 : (double) index.ancestorBlocks() / index.blocks();
  }

  /**
   * How long restoring a delta on this base will take, as a multiple of a full one. What the delta
   * adds is not known yet: as much as each of those before it did, on average.
   *
   * @param flat what a full one takes
   * @param base what the base takes
   * @param deltas how many the base is away from a full one
   */
  static double expectedCost(
      BlockIndex.ReadCost flat, BlockIndex.ReadCost base, int deltas, ReadSpeed speed) {
    double bytesPerSecond = speed.bytesPerSecond();
    double perRequest = speed.secondsPerRequest();
    double full = flat.seconds(bytesPerSecond, perRequest);
    double extra = base.seconds(bytesPerSecond, perRequest) - full;
    double expected = extra + extra / Math.max(1, deltas);
    return expected < NEGLIGIBLE_SECONDS ? 1 : (full + expected) / full;
  }
}
