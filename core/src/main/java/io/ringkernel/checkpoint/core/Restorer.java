package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.internal.ThrownErrors;
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

  /** Whether an object claims to be of a version that its entry, which could be read, denies. */
  private static boolean isOtherwise(Located located, Throwable error) {
    return error instanceof UnsupportedVersionException && located instanceof Located.InObject;
  }

  private static CorruptCheckpointException isOfAnotherVersion(Throwable error) {
    return Failures.reworded(
        error, reason -> "the object is of another version than its entry says: " + reason);
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

    /** Of whom nobody can tell, but it may be this kernel's. */
    private final List<SkippedCheckpoint> unknown = new ArrayList<>();

    private boolean wasSaved;

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
          .map(Heads.Found::head)
          .onErrorResume(Failures::isDamage, this::headIsLost)
          .onErrorMap(Failures::isBeyondUs, e -> Failures.endsSearch(StoreNames.head(wanted), e))
          .flatMap(this::latest);
    }

    private Mono<Located> latest(Head head) {
      wasSaved = head.sequence() != 0 || !head.commits().isEmpty();
      Head.Latest latest = head.latest();
      return latest == null
          ? Mono.empty()
          : reached(latest.name(), newest.known(head).cast(Located.class));
    }

    /** Whoever has one was saved, whatever else can be read of it. */
    private Mono<Head> headIsLost(Throwable damage) {
      wasSaved = true;
      unknown.add(new SkippedCheckpoint(StoreNames.head(wanted), (CheckpointException) damage));
      return Mono.empty();
    }

    /** What is damaged is passed over; what may be whole, and can't be read here, ends the walk. */
    private <T> Mono<T> reached(String name, Mono<T> read) {
      return read.onErrorResume(Failures::isDamage, e -> skip(name, e))
          .onErrorMap(Failures::isBeyondUs, e -> Failures.endsSearch(name, e));
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
          .concatMap(info -> reached(info.name(), resolver.resolve(info.name())), 1);
    }

    /** What can't be read tells no kernel, but a name that was made for this one does. */
    private void reportUnreadable(ListedCheckpoint listed) {
      if (!(listed instanceof UnreadableCheckpoint unreadable) || tried.contains(listed.name())) {
        return;
      }
      boolean ours = listed.name().startsWith(StoreNames.madePrefix(wanted));
      if (ours && Failures.isBeyondUs(unreadable.problem())) {
        throw Failures.endsSearch(listed.name(), unreadable.problem());
      }
      (ours ? skipped : unknown).add(new SkippedCheckpoint(listed.name(), unreadable.problem()));
    }

    /** Empty when it is damaged. */
    Mono<RestoreReceipt> attempt(Located located) {
      tried.add(located.name());
      return opener
          .open(located)
          .onErrorMap(e -> isOtherwise(located, e), Restorer::isOfAnotherVersion)
          .flatMap(file -> restore(new Opener.Opened(located, file)))
          .onErrorResume(
              Failures::isDamage,
              e ->
                  this.<RestoreReceipt>skip(located.name(), e)
                      .switchIfEmpty(rescue.restore(located, e).map(this::withSkipped)))
          .onErrorMap(Failures::isBeyondUs, e -> Failures.endsSearch(located.name(), e));
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
      tried.add(name);
      skipped.add(new SkippedCheckpoint(name, (CheckpointException) reason));
      return Mono.empty();
    }

    /** When there is no other to go back to, the error says all. */
    Mono<RestoreReceipt> restoreOne(Opener.Opened opened) {
      return restore(opened)
          .onErrorResume(Failures::isDamage, e -> sharedDamage.told(opened, e))
          .onErrorMap(e -> Failures.named(opened.located().name(), e));
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
          .doOnNext(held -> claims.forget(kernel.kernelId()))
          .flatMap(
              held ->
                  catalog
                      .info(opened.located())
                      .map(info -> receipt(info.withCustom(held.custom()), file, verifiedBefore)));
    }

    /** What the kernel holds then. */
    private Mono<CheckpointMetadata> restoreFrom(Opener.Opened opened) {
      return Mono.usingWhen(
          loader.checkpoint(opened, options.base().orElse(null)),
          checkpoint -> taken(checkpoint).thenReturn(checkpoint.metadata()),
          checkpoint -> Mono.fromRunnable(checkpoint::close));
    }

    private Mono<Void> taken(Checkpoint checkpoint) {
      return ThrownErrors.ofKernel(
          kernel.kernelId(),
          KernelException.Phase.RESTORE,
          Mono.defer(() -> kernel.restoreFromCheckpoint(checkpoint)));
    }

    private void requireFitting(CheckpointMetadata metadata) {
      if (!metadata.kernelType().equals(kernel.kernelType())) {
        throw refused(
            "the checkpoint is of type '"
                + metadata.kernelType()
                + "', the kernel of type '"
                + kernel.kernelType()
                + "'",
            "only a kernel of the checkpoint's type can take it over");
      }
      if (!metadata.kernelId().equals(wanted)) {
        throw refused(
            "the checkpoint is of kernel '" + metadata.kernelId() + "', not of '" + wanted + "'",
            "if it is to take over from that one, ask for it by RestoreOptions.defaults()"
                + ".fromKernel(\""
                + metadata.kernelId()
                + "\")");
      }
    }

    private KernelException refused(String reason, String advice) {
      return new KernelException(
          kernel.kernelId(),
          KernelException.Phase.RESTORE,
          reason + "; it was not touched: " + advice,
          null);
    }

    private RestoreReceipt receipt(CheckpointInfo info, CheckpointFile file, boolean verified) {
      long restored = file.stateSize();
      Duration duration = Duration.ofNanos(System.nanoTime() - startedAt);
      return new RestoreReceipt(info, restored, verified, skipped, duration);
    }

    CheckpointException nothingLeft() {
      List<SkippedCheckpoint> reasons = new ArrayList<>(skipped);
      if (wasSaved) {
        reasons.addAll(unknown);
      }
      return reasons.isEmpty()
          ? new CheckpointNotFoundException(wanted, "the store has no checkpoint of this kernel")
          : SkippedCheckpoint.noneLeft(
              wanted,
              skipped.isEmpty()
                  ? "of what may be this kernel's, which was saved before,"
                  : "of this kernel's checkpoints",
              reasons);
    }
  }
}
