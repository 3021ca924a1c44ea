package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Brings kernels back to what a store has of them. */
final class Restorer {
  private final Heads heads;
  private final Resolver resolver;
  private final Opener opener;
  private final Loader loader;
  private final Catalog catalog;
  private final Claims claims;
  private final Newest newest;
  private final SharedDamage sharedDamage;

  Restorer(
      Heads heads,
      Resolver resolver,
      Opener opener,
      Loader loader,
      Catalog catalog,
      Claims claims,
      Newest newest,
      SharedDamage sharedDamage) {
    this.sharedDamage = sharedDamage;
    this.loader = loader;
    this.heads = heads;
    this.resolver = resolver;
    this.opener = opener;
    this.catalog = catalog;
    this.claims = claims;
    this.newest = newest;
  }

  /** From one checkpoint. */
  Mono<RestoreReceipt> restore(CheckpointableKernel kernel, String name, RestoreOptions options) {
    return Mono.defer(
        () -> {
          Walk walk = new Walk(kernel, options, (place, damage) -> Mono.empty());
          return opener.open(name).flatMap(walk::restoreOne);
        });
  }

  /** From one checkpoint, whatever is under its name now. */
  Mono<RestoreReceipt> restore(
      CheckpointableKernel kernel, Located located, RestoreOptions options) {
    return Mono.defer(
        () -> {
          Walk walk = new Walk(kernel, options, (place, damage) -> Mono.empty());
          return opener
              .open(located)
              .flatMap(file -> walk.restoreOne(new Opener.Opened(located, file)));
        });
  }

  /** Another way to a checkpoint that is damaged here. */
  interface Rescue {
    /** Restores from elsewhere; empty when that can't be done. */
    Mono<RestoreReceipt> restore(Located located, Throwable damage);
  }

  /** From the newest that is whole. */
  Mono<RestoreReceipt> restoreLatest(CheckpointableKernel kernel, RestoreOptions options) {
    return restoreLatest(kernel, options, (located, damage) -> Mono.empty());
  }

  /** From the newest that is whole, here or elsewhere. */
  Mono<RestoreReceipt> restoreLatest(
      CheckpointableKernel kernel, RestoreOptions options, Rescue rescue) {
    return Mono.defer(
        () -> {
          Walk walk = new Walk(kernel, options, rescue);
          // The head knows the newest, so that mostly no listing is needed.
          return walk.latest()
              .flatMap(walk::attempt)
              .switchIfEmpty(Mono.defer(() -> walk.others().concatMap(walk::attempt, 1).next()))
              .switchIfEmpty(Mono.error(walk::nothingLeft));
        });
  }

  /** One attempt to restore a kernel, from the newest checkpoint backwards. */
  private final class Walk {
    private final CheckpointableKernel kernel;
    private final RestoreOptions options;
    private final Rescue rescue;
    private final String wanted;
    private final long startedAt = System.nanoTime();
    private final List<SkippedCheckpoint> skipped = new ArrayList<>();
    private final Set<String> tried = new HashSet<>();

    Walk(CheckpointableKernel kernel, RestoreOptions options, Rescue rescue) {
      this.kernel = kernel;
      this.options = options;
      this.rescue = rescue;
      this.wanted = options.fromKernel().orElseGet(kernel::kernelId);
    }

    /** The checkpoint of the last commit, if it is still under its name. */
    Mono<Located> latest() {
      return heads
          .read(wanted)
          .onErrorComplete(Failures::isDamage)
          .flatMap(found -> newest.known(found.head()))
          .cast(Located.class);
    }

    /** All others, newest first. */
    Flux<Located> others() {
      return catalog
          .list("")
          .doOnNext(this::reportUnreadable)
          .ofType(CheckpointInfo.class)
          .filter(info -> info.metadata().kernelId().equals(wanted))
          .collectList()
          .flatMapIterable(Newest::newestFirst)
          .filter(info -> !tried.contains(info.name()))
          .concatMap(
              info ->
                  resolver
                      .resolve(info.name())
                      .onErrorResume(Failures::isDamage, e -> skip(info.name(), e)),
              1);
    }

    /** What can't be read tells no kernel, but a name that was made for this one does. */
    private void reportUnreadable(ListedCheckpoint listed) {
      if (listed instanceof UnreadableCheckpoint unreadable
          && listed.name().startsWith(StoreNames.madePrefix(wanted))) {
        skipped.add(new SkippedCheckpoint(listed.name(), unreadable.problem()));
      }
    }

    /** Empty when it is damaged. */
    Mono<RestoreReceipt> attempt(Located located) {
      tried.add(located.name());
      return opener
          .open(located)
          .flatMap(file -> restore(new Opener.Opened(located, file)))
          .onErrorResume(
              Failures::isDamage,
              e ->
                  this.<RestoreReceipt>skip(located.name(), e)
                      .switchIfEmpty(rescue.restore(located, e).map(this::withSkipped)));
    }

    private RestoreReceipt withSkipped(RestoreReceipt rescued) {
      return new RestoreReceipt(
          rescued.checkpoint(),
          rescued.restored(),
          rescued.verifiedFirst(),
          skipped,
          rescued.duration());
    }

    private <T> Mono<T> skip(String name, Throwable reason) {
      skipped.add(new SkippedCheckpoint(name, (CheckpointException) reason));
      return Mono.empty();
    }

    /** When there is no other to go back to, the error says all. */
    Mono<RestoreReceipt> restoreOne(Opener.Opened opened) {
      return restore(opened).onErrorResume(Failures::isDamage, e -> sharedDamage.told(opened, e));
    }

    private Mono<RestoreReceipt> restore(Opener.Opened opened) {
      CheckpointFile file = opened.file();
      requireFitting(file.metadata());
      // A version 1 file was verified when it was opened.
      boolean verifiedBefore = options.isVerifyFirst() || file.header().version() == 1;
      Mono<Void> verification =
          options.isVerifyFirst() && file.header().version() != 1 ? file.verifyAll() : Mono.empty();
      return verification
          .then(restoreFrom(opened))
          .then(Mono.fromRunnable(() -> claims.forget(kernel.kernelId())))
          .then(catalog.info(opened.located()))
          .map(info -> receipt(info.withCustom(file.metadata().custom()), file, verifiedBefore));
    }

    private Mono<Void> restoreFrom(Opener.Opened opened) {
      return Mono.usingWhen(
          loader.checkpoint(opened, options.base().orElse(null)),
          kernel::restoreFromCheckpoint,
          checkpoint -> Mono.fromRunnable(checkpoint::close));
    }

    private void requireFitting(CheckpointMetadata metadata) {
      if (!metadata.kernelType().equals(kernel.kernelType())) {
        throw refused(
            "the checkpoint is of type '"
                + metadata.kernelType()
                + "', the kernel of type '"
                + kernel.kernelType()
                + "'");
      }
      if (!metadata.kernelId().equals(wanted)) {
        throw refused(
            "the checkpoint is of kernel '"
                + metadata.kernelId()
                + "', not of '"
                + wanted
                + "'; say so if the kernel is to take over from another");
      }
    }

    private KernelException refused(String reason) {
      return new KernelException(
          kernel.kernelId(), KernelException.Phase.RESTORE, reason + "; it was not touched", null);
    }

    private RestoreReceipt receipt(CheckpointInfo info, CheckpointFile file, boolean verified) {
      long restored = file.stateSize();
      Duration duration = Duration.ofNanos(System.nanoTime() - startedAt);
      return new RestoreReceipt(info, restored, verified, skipped, duration);
    }

    CheckpointNotFoundException nothingLeft() {
      CheckpointNotFoundException nothing =
          new CheckpointNotFoundException(
              wanted,
              skipped.isEmpty()
                  ? "the store has no checkpoint of this kernel"
                  : "of this kernel's checkpoints none can be restored; "
                      + skipped.size()
                      + " were skipped, the newest because: "
                      + skipped.get(0).reason().getMessage());
      skipped.forEach(one -> nothing.addSuppressed(one.reason()));
      return nothing;
    }
  }
}
