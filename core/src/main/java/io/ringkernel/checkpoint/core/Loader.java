package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.WholeChunkDelta;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Makes checkpoints of opened files. Only a whole-chunk delta of version 1 needs more than its
 * file: its base, which it names by a digest of its content.
 */
final class Loader {
  private final Opener opener;
  private final ObjectReader reader;
  private final Catalog catalog;

  Loader(Opener opener, ObjectReader reader, Catalog catalog) {
    this.opener = opener;
    this.reader = reader;
    this.catalog = catalog;
  }

  /**
   * A checkpoint, which the caller closes.
   *
   * @param base of a version 1 delta; null: the one full checkpoint with the digest
   */
  Mono<Checkpoint> load(String name, @Nullable String base) {
    return opener.open(name).flatMap(opened -> checkpoint(opened, base));
  }

  /** The same of a file that is open already; damage met in its contents is told with its name. */
  Mono<Checkpoint> checkpoint(Opener.Opened opened, @Nullable String base) {
    String name = opened.located().name();
    return Mono.defer(
            () -> {
              Optional<String> digest = WholeChunkDelta.parentDigest(opened.file());
              return digest.isEmpty()
                  ? Mono.fromSupplier(() -> opened.file().checkpoint(() -> {}))
                  : base(opened, base, digest.get())
                      .flatMap(found -> applied(opened.file(), found));
            })
        .map(checkpoint -> NamedCheckpoint.of(name, checkpoint))
        .onErrorMap(e -> Failures.named(name, e));
  }

  /**
   * The checkpoint that a whole-chunk delta was made from, for who writes down which it is.
   *
   * @param delta the file
   * @param name of the base; null: the one full checkpoint with the digest
   * @return {@link BaseMismatchException} when there is none, when several differ, and when it is a
   *     bare file, which no entry can refer to
   */
  Mono<BasePlan.WholeChunks> base(CheckpointFile delta, @Nullable String name) {
    return Mono.defer(
        () -> {
          String digest = WholeChunkDelta.parentDigest(delta).orElseThrow();
          return name == null
              ? searched(delta, null, digest).map(Loader::recordable)
              : opener
                  .open(name)
                  .map(Base::of)
                  .flatMap(
                      base ->
                          // The digest is compared on the way.
                          applied(delta, base)
                              .doOnNext(Checkpoint::close)
                              .map(whole -> recordable(base)));
        });
  }

  private static BasePlan.WholeChunks recordable(Base base) {
    if (base.located() instanceof Located.InObject managed) {
      return new BasePlan.WholeChunks(base.name(), managed.entry());
    }
    throw new BaseMismatchException(
        base.name(), "it is a bare file, which no entry can refer to; import it first", null);
  }

  /** A base as it was found; where, unless an entry has recorded its object. */
  private record Base(String name, CheckpointFile file, @Nullable Located located) {
    static Base of(Opener.Opened opened) {
      return new Base(opened.located().name(), opened.file(), opened.located());
    }
  }

  /** Both files stay open as long as the checkpoint upon them does. */
  private static Mono<Checkpoint> applied(CheckpointFile file, Base base) {
    return Mono.defer(
        () -> {
          Checkpoint delta = file.checkpoint(() -> {});
          Checkpoint before = NamedCheckpoint.of(base.name(), base.file().checkpoint(() -> {}));
          Runnable close =
              () -> {
                delta.close();
                before.close();
              };
          AtomicBoolean handedOver = new AtomicBoolean();
          return WholeChunkDelta.apply(before, base.name(), delta)
              .map(
                  whole ->
                      // Without the mark that would have it applied again, however it is saved.
                      Checkpoint.of(
                          WholeChunkDelta.standingAlone(whole.metadata()), whole.chunks(), close))
              .doOnNext(whole -> handedOver.set(true))
              .doOnError(e -> close.run())
              // Who takes the first value of many cancels the rest before passing it on.
              .doOnCancel(
                  () -> {
                    if (!handedOver.get()) {
                      close.run();
                    }
                  });
        });
  }

  private Mono<Base> base(Opener.Opened opened, @Nullable String base, String digest) {
    if (base != null) {
      return opener.open(base).map(Base::of);
    }
    return recorded(opened)
        .switchIfEmpty(Mono.defer(() -> searched(opened.file(), opened.located().name(), digest)));
  }

  /** A delta that was written by an engine has an entry that tells its base. */
  private Mono<Base> recorded(Opener.Opened opened) {
    return opened.located() instanceof Located.InObject managed
            && managed.entry().file().ancestors().size() == 1
        ? recorded(managed.entry().file().ancestors().get(0))
        : Mono.empty();
  }

  private Mono<Base> recorded(ObjectId base) {
    return reader
        .open(base)
        .onErrorMap(e -> Failures.named(base.hex(), e))
        .map(file -> new Base(base.hex(), file, null));
  }

  /** The one full checkpoint of the kernel with this digest; reads all of them. */
  private Mono<Base> searched(CheckpointFile delta, @Nullable String its, String digest) {
    String kernelId = delta.metadata().kernelId();
    return catalog
        .list("")
        .ofType(CheckpointInfo.class)
        .filter(info -> info.metadata().kernelId().equals(kernelId))
        .filter(info -> !info.name().equals(its))
        .concatMap(info -> candidate(info.name(), digest), 1)
        .collectList()
        .flatMap(candidates -> only(candidates, kernelId, digest));
  }

  /** A full one with the digest; one that is damaged can't be a base. */
  private Mono<Candidate> candidate(String name, String digest) {
    return opener
        .open(name)
        .filter(opened -> WholeChunkDelta.parentDigest(opened.file()).isEmpty())
        .flatMap(
            opened ->
                Mono.using(
                    () -> opened.file().checkpoint(() -> {}),
                    checkpoint ->
                        WholeChunkDelta.digest(checkpoint)
                            .filter(digest::equals)
                            .flatMap(same -> ContentHash.of(checkpoint))
                            .map(hash -> new Candidate(Base.of(opened), hash)),
                    Checkpoint::close))
        .onErrorResume(Failures::isUnusable, e -> Mono.empty());
  }

  private record Candidate(Base base, String contentHash) {}

  private static Mono<Base> only(List<Candidate> candidates, String kernelId, String digest) {
    if (candidates.isEmpty()) {
      return Mono.error(
          BaseMismatchException.missing(
              digest,
              "no full checkpoint of kernel '"
                  + kernelId
                  + "' in this store has this content digest; name the base",
              null));
    }
    Candidate first = candidates.get(0);
    for (Candidate other : candidates) {
      if (!other.contentHash().equals(first.contentHash())) {
        return Mono.error(
            new BaseMismatchException(
                digest,
                "'"
                    + first.base().name()
                    + "' and '"
                    + other.base().name()
                    + "' both have this content digest and differ; name the base",
                null));
      }
    }
    return Mono.just(first.base());
  }
}
