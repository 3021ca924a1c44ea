package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.core.FarReceipt.Outcome;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * The work in the background: copies what waits from the near tier to the far one, each kernel's
 * checkpoints in the order of their commits and each group behind its members, and tries again
 * while the far tier fails.
 */
final class FarCopies {
  /** A checkpoint whose objects vanish under the copy was removed, or is lost: it is looked for. */
  private static final int MOST_TRIES_OF_WHAT_IS_MISSING = 2;

  private final Engine near;
  private final Engine far;
  private final TieredStorage options;
  private final FarBacklog backlog;
  private final Mono<Party> party;
  private final Disposable.Composite running = Disposables.composite();
  private final Pump<FarJob> pump;
  private final FarReceipts receipts = new FarReceipts();

  /**
   * The two tiers, once they know each other.
   *
   * @param tier the near one's identity
   * @param claims on kernels in the far one
   */
  private record Party(ObjectId tier, FarClaims claims) {}

  FarCopies(Engine near, Engine far, TieredStorage options, FarBacklog backlog) {
    this.near = near;
    this.far = far;
    this.options = options;
    this.backlog = backlog;
    this.pump =
        new Pump<>(options.kernelsAtOnce(), backlog::next, backlog::hasNext, this::run, running);
    // A failure is not remembered.
    this.party =
        NearTier.identity(near)
            .map(tier -> new Party(tier, new FarClaims(near, far, tier)))
            .cacheInvalidateIf(known -> false);
  }

  /** Takes up what an earlier process left, then copies whatever comes. */
  void start() {
    Mono<Void> scan =
        party
            .flatMap(known -> Leftovers.of(near, far, known.tier()))
            .doOnNext(this::add)
            .then()
            .doOnError(backlog::startFailed)
            .retryWhen(Retry.from(failed -> failed.concatMap(this::pause)));
    running.add(
        scan.subscribe(
            none -> {},
            e -> {},
            () -> {
              backlog.open();
              pump.run();
            },
            FirstFailure.UNTIL_DISPOSED));
  }

  private Mono<Long> pause(Retry.RetrySignal failed) {
    int failures = (int) Math.min(failed.totalRetries() + 1, Integer.MAX_VALUE);
    return Mono.delay(options.pause(failures), far.timer);
  }

  /** What became of every checkpoint, from now on. */
  Flux<FarReceipt> receipts() {
    return receipts.all();
  }

  /** More are to be copied; a group together with its members. */
  void add(List<FarJob> jobs) {
    backlog.add(jobs);
    if (options.overflow() == TieredStorage.Overflow.SKIP_OLDEST) {
      backlog.skip(jobs).forEach(old -> end(old, old.receipt(Outcome.SKIPPED, null, null)));
    }
    pump.run();
  }

  /**
   * Looks for what a save of a kernel has committed that nobody waits for any more: at once, and
   * when what was under way then has ended.
   */
  void lookFor(String kernelId) {
    Mono<Void> look =
        Mono.defer(() -> near.heads.read(kernelId))
            .mapNotNull(found -> found.head().latest())
            .map(latest -> FarCheckpoint.of(latest.entry().info(latest.name()), false))
            .filter(backlog::isNew)
            .doOnNext(job -> add(List.of(job)))
            .then()
            .onErrorComplete();
    Disposable.Swap looking = Disposables.swap();
    running.add(looking);
    looking.update(
        look.then(Mono.delay(options.pause(1), far.timer))
            .then(look)
            .doFinally(end -> running.remove(looking))
            .subscribe(none -> {}, e -> {}, () -> {}, FirstFailure.UNTIL_DISPOSED));
  }

  /** One attempt; never fails. */
  private Mono<Void> run(FarJob job) {
    job.begin();
    return party
        .flatMap(known -> attempt(job, known))
        .<Runnable>map(receipt -> () -> finish(job, receipt))
        .onErrorResume(e -> Mono.just(() -> failed(job, e)))
        .doOnNext(Runnable::run)
        .then()
        .onErrorResume(e -> recovered(job));
  }

  /** Whatever went wrong after an attempt: its line goes on after a pause, or has done so. */
  private Mono<Void> recovered(FarJob job) {
    return Mono.delay(options.pause(job.attempts()), far.timer)
        .onErrorComplete()
        .then(Mono.fromRunnable(() -> backlog.rest(job)));
  }

  private Mono<FarReceipt> attempt(FarJob job, Party known) {
    return near.resolver
        .resolve(job.name)
        .filter(job::isOf)
        .onErrorComplete(CheckpointNotFoundException.class)
        .flatMap(located -> copied(job, known, located))
        .switchIfEmpty(Mono.fromSupplier(() -> job.receipt(Outcome.GONE, null, null)));
  }

  /** Members have jobs of their own, so that each comes in the order of its kernel's commits. */
  private Mono<FarReceipt> copied(FarJob job, Party known, Located located) {
    return located instanceof Located.Group group
        ? new GroupCopier(near, far)
            .follow(group)
            .map(copy -> job.receipt(Outcome.COPIED, null, null))
        : copier(job, known)
            .copy(located, options.copyRequest())
            .map(copy -> job.receipt(Outcome.COPIED, copy, null));
  }

  private Copier copier(FarJob job, Party known) {
    return new Copier(near, far, new CopyTerms(id -> known.claims().of(job), known.tier()));
  }

  private void finish(FarJob job, FarReceipt receipt) {
    if (receipt.outcome() == Outcome.COPIED) {
      backlog.forgetFailures(job);
    }
    // Queued before nothing is left to do. Who waits for this one may hold this thread, but not its
    // line.
    receipts.tell(receipt);
    backlog.done(job);
    job.end(receipt);
  }

  private void failed(FarJob job, Throwable error) {
    if (mayPass(job, error)) {
      backlog.failed(job, error);
      receipts.tell(job.receipt(Outcome.RETRYING, null, error));
      Duration pause = options.pause(job.attempts());
      Disposable.Swap waiting = Disposables.swap();
      running.add(waiting);
      waiting.update(
          far.timer.schedule(
              () -> {
                running.remove(waiting);
                backlog.rest(job);
                pump.run();
              },
              pause.toNanos(),
              TimeUnit.NANOSECONDS));
    } else {
      backlog.failed(job, error);
      finish(job, job.receipt(Outcome.FAILED, null, error));
    }
  }

  private static boolean mayPass(FarJob job, Throwable error) {
    return error instanceof StorageException
        || error instanceof CommitStateUnknownException
        || Failures.isRefusal(error)
        || (isMissing(error) && job.miss() < MOST_TRIES_OF_WHAT_IS_MISSING);
  }

  private static boolean isMissing(Throwable error) {
    return error instanceof CheckpointNotFoundException
        || (error instanceof GroupException group && group.culprit().isEmpty());
  }

  private void end(FarJob job, FarReceipt receipt) {
    receipts.tell(receipt);
    job.end(receipt);
  }

  /** The kernel was brought to a state of the tiers. */
  Mono<Void> restored(String kernelId) {
    return Mono.fromRunnable(() -> near.claims.forget(kernelId))
        .then(party.doOnNext(known -> known.claims().forget(kernelId)).onErrorComplete())
        .then();
  }

  /** What a copy in the far tier says of its origin, if this near tier made it. */
  Mono<ObjectId> tier() {
    return party.map(Party::tier);
  }

  /** Gives up what is not done. */
  void close() {
    running.dispose();
    backlog
        .close()
        .forEach(
            job ->
                job.end(
                    new ClosedException(
                        "'"
                            + job.name
                            + "' is not in the far tier yet: the checkpointer was closed; the next"
                            + " start takes it up")));
    receipts.complete();
  }
}
