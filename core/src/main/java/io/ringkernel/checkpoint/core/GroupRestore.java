package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.internal.Messages;
import io.ringkernel.checkpoint.internal.ThrownErrors;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One restore of a group: verifies every byte of all members, stops all kernels, restores all, and
 * only then lets one run on, so that none meets another that is still in its old state.
 */
final class GroupRestore {
  /** Members that are verified at once: each reads in parallel already. */
  private static final int VERIFIED_AT_ONCE = 2;

  /**
   * What it works with.
   *
   * @param opener opens the members' files
   * @param loader reads checkpoints from them
   * @param claims forgotten for a kernel that was brought to another state
   * @param limit how long a kernel may take to stop, and to run on
   */
  record Means(Opener opener, Loader loader, Claims claims, KernelLimit limit) {}

  /**
   * What was restored.
   *
   * @param info of the group
   * @param restored bytes of all members
   * @param stalls of the kernels, in their order
   */
  record Done(GroupInfo info, long restored, List<Duration> stalls) {
    GroupRestoreReceipt receipt(List<SkippedCheckpoint> skipped, Duration duration) {
      return new GroupRestoreReceipt(info, restored, stalls, skipped, duration);
    }
  }

  private final Means means;
  private final Located.Group group;
  private final HlcTimestamp cut;
  private final List<RestoringMember> parts;
  private volatile boolean touched;

  /**
   * @param parts all members, in the order of the kernels
   */
  GroupRestore(Means means, Located.Group group, List<RestoringMember> parts) {
    this.means = means;
    this.group = group;
    this.cut = group.manifest().cut();
    this.parts = parts;
  }

  Mono<Done> run() {
    return all(this::verify, VERIFIED_AT_ONCE)
        .then(all(this::quiesce, parts.size()))
        .then(restoreAll())
        .then(all(this::resume, parts.size()))
        .then(Mono.fromSupplier(this::done))
        .doOnNext(done -> parts.forEach(RestoringMember::end))
        .onErrorResume(
            e -> letGo().collectList().flatMap(stuck -> Mono.error(described(e, stuck))));
  }

  private Mono<Void> all(Function<RestoringMember, Mono<Void>> step, int atOnce) {
    return FirstFailure.of(Flux.fromIterable(parts), part -> named(part, step), Math.max(1, atOnce))
        .then();
  }

  private Mono<Void> named(RestoringMember part, Function<RestoringMember, Mono<Void>> step) {
    return Mono.defer(() -> step.apply(part))
        .onErrorMap(
            e -> new GroupException(group.name(), part.kernel.kernelId(), Messages.of(e), e));
  }

  /**
   * Each to its end, also after the failure of another: a state that is half taken over is no good.
   */
  private Mono<Void> restoreAll() {
    return Flux.fromIterable(parts)
        .flatMapDelayError(part -> named(part, this::restore), Math.max(1, parts.size()), 1)
        .then()
        .onErrorMap(FirstFailure::in);
  }

  private Mono<Void> verify(RestoringMember part) {
    Located located = part.member.located();
    return means
        .opener()
        .open(located)
        .flatMap(
            file -> {
              boolean verified = file.header().version() == 1;
              return (verified ? Mono.<Void>empty() : file.verifyAll())
                  .then(means.loader().checkpoint(new Opener.Opened(located, file), null));
            })
        .doOnNext(part::opened)
        .then();
  }

  private Mono<Void> quiesce(RestoringMember part) {
    return within(
            part,
            KernelException.Phase.QUIESCE,
            "it did not come to a stop",
            Mono.defer(part.kernel::quiesce)
                .switchIfEmpty(Mono.error(() -> gaveNothing(part)))
                .doOnNext(part::stands))
        .then();
  }

  private static KernelException gaveNothing(RestoringMember part) {
    return new KernelException(
        part.kernel.kernelId(), KernelException.Phase.QUIESCE, "it gave nothing", null);
  }

  private Mono<Void> restore(RestoringMember part) {
    Checkpoint checkpoint = Objects.requireNonNull(part.checkpoint.get());
    touched = true;
    return ThrownErrors.ofKernel(
            part.kernel.kernelId(),
            KernelException.Phase.RESTORE,
            Mono.defer(() -> part.standing().restoreFromCheckpoint(checkpoint)))
        .doOnSuccess(
            done -> {
              part.restored = true;
              means.claims().forget(part.kernel.kernelId());
            });
  }

  private Mono<Void> resume(RestoringMember part) {
    return within(
            part,
            KernelException.Phase.RESUME,
            "it is restored and did not run on",
            Mono.defer(() -> part.standing().resume(cut)))
        .doOnSuccess(done -> part.runs());
  }

  private <T> Mono<T> within(
      RestoringMember part, KernelException.Phase phase, String what, Mono<T> step) {
    return means.limit().on(part.kernel.kernelId(), phase, what, step);
  }

  /** Whether it failed since a member is damaged or gone, and no kernel was touched. */
  boolean wasDamaged(Throwable error) {
    return !touched && error.getCause() != null && Failures.isDamage(error.getCause());
  }

  /** The failure of one that is not to be passed over, in words that say what to do. */
  GroupException endsSearch(GroupException error) {
    Throwable cause = error.getCause();
    return touched || cause == null || !Failures.isBeyondUs(cause)
        ? error
        : new GroupException(
            group.name(),
            error.culprit().orElse(null),
            Failures.endsSearch(group.name(), cause).getMessage() + "; no kernel was touched",
            cause);
  }

  private Done done() {
    long restored = parts.stream().mapToLong(part -> part.member.entry().file().stateSize()).sum();
    return new Done(
        group.manifest().info(group.name()),
        restored,
        parts.stream().map(part -> part.stall).toList());
  }

  /** Lets all run on; the failures of those that could not. */
  Flux<Throwable> letGo() {
    return Flux.fromIterable(parts)
        .flatMap(
            part -> {
              QuiescedKernel standing = part.end();
              Mono<Void> resume =
                  standing == null
                      ? Mono.empty()
                      : within(
                          part,
                          KernelException.Phase.RESUME,
                          "it did not run on",
                          Mono.defer(
                              () -> standing.resume(part.restored ? cut : HlcTimestamp.ZERO)));
              return resume.<Throwable>then(Mono.empty()).onErrorResume(Mono::just);
            },
            Math.max(1, parts.size()));
  }

  /** What the kernels hold now. */
  private String state() {
    if (!touched) {
      return "no kernel was touched";
    }
    List<String> restored =
        parts.stream().filter(part -> part.restored).map(part -> part.kernel.kernelId()).toList();
    if (restored.size() == parts.size()) {
      return "all are restored";
    }
    return (restored.isEmpty()
            ? "none is restored"
            : "restored: " + String.join(", ", restored) + "; all others are not")
        + ": restore the group again";
  }

  private Throwable described(Throwable error, List<Throwable> stuck) {
    Throwable told = error;
    List<Throwable> besides = new ArrayList<>(List.of(error.getSuppressed()));
    besides.addAll(stuck);
    if (error instanceof GroupException known) {
      Throwable cause = known.getCause();
      String message = Messages.of(cause == null ? known : cause);
      told =
          new GroupException(
              group.name(), known.culprit().orElse(null), message + "; " + state(), cause);
    }
    for (Throwable also : besides) {
      FirstFailure.suppress(also, told);
    }
    return told;
  }
}
