package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Restores groups: verifies every byte of all members, stops all kernels, restores all, and only
 * then lets one run on, so that none meets another that is still in its old state.
 */
final class GroupRestorer {
  /** Members that are verified at once: each reads in parallel already. */
  private static final int VERIFIED_AT_ONCE = 2;

  private final Resolver resolver;
  private final Opener opener;
  private final Loader loader;
  private final Restorer restorer;
  private final Claims claims;
  private final Duration timeout;
  private final Scheduler timer;

  /**
   * @param timeout how long a kernel may take to stop, and to run on
   */
  GroupRestorer(
      Resolver resolver,
      Opener opener,
      Loader loader,
      Restorer restorer,
      Claims claims,
      Duration timeout,
      Scheduler timer) {
    this.resolver = resolver;
    this.opener = opener;
    this.loader = loader;
    this.restorer = restorer;
    this.claims = claims;
    this.timeout = timeout;
    this.timer = timer;
  }

  /** What is known of a group. */
  Mono<GroupInfo> info(String name) {
    return group(name).map(group -> group.manifest().info(name));
  }

  private Mono<Located.Group> group(String name) {
    return resolver
        .resolve(name)
        .map(
            located -> {
              if (located instanceof Located.Group group) {
                return group;
              }
              throw new GroupException(
                  name, null, "under this name is one checkpoint and no group; restore it", null);
            });
  }

  /** Restores one kernel from its part of a group. */
  Mono<RestoreReceipt> restoreMember(
      CheckpointableKernel kernel, String name, RestoreOptions options) {
    return group(name)
        .flatMap(
            group -> {
              String wanted = options.fromKernel().orElseGet(kernel::kernelId);
              return Flux.fromIterable(group.manifest().members())
                  .filter(member -> member.kernelId().equals(wanted))
                  .next()
                  .switchIfEmpty(
                      Mono.error(
                          () -> new GroupException(name, wanted, "it is no member of it", null)))
                  .flatMap(member -> restorer.restore(kernel, member.located(), options));
            });
  }

  /** Restores all members of a group. */
  Mono<GroupRestoreReceipt> restore(String name, List<? extends CheckpointableKernel> kernels) {
    return Mono.defer(
        () -> {
          long startedAt = System.nanoTime();
          return group(name)
              .flatMap(
                  group ->
                      Mono.usingWhen(
                          Mono.fromSupplier(() -> new Attempt(group, matched(group, kernels))),
                          Attempt::run,
                          attempt -> Mono.empty(),
                          (attempt, error) -> attempt.letGo().then(),
                          attempt -> attempt.letGo().then()))
              .map(done -> done.receipt(Duration.ofNanos(System.nanoTime() - startedAt)));
        });
  }

  /** The members in the order of the kernels; refuses a kernel too few or too many. */
  private List<Part> matched(Located.Group group, List<? extends CheckpointableKernel> kernels) {
    List<GroupManifest.Member> left = new ArrayList<>(group.manifest().members());
    List<Part> parts = new ArrayList<>();
    for (CheckpointableKernel kernel : kernels) {
      GroupManifest.Member member =
          left.stream()
              .filter(one -> one.kernelId().equals(kernel.kernelId()))
              .findFirst()
              .orElseThrow(
                  () -> refused(group, kernel.kernelId(), "it is no member, or given twice", null));
      left.remove(member);
      if (!member.entry().metadata().kernelType().equals(kernel.kernelType())) {
        throw refused(
            group,
            kernel.kernelId(),
            "it is of type '"
                + kernel.kernelType()
                + "', its checkpoint of type '"
                + member.entry().metadata().kernelType()
                + "'",
            null);
      }
      parts.add(new Part(GroupSaver.quiescable(group.name(), kernel), member));
    }
    if (!left.isEmpty()) {
      String missing = left.get(0).kernelId();
      throw refused(
          group, missing, "it is a member and not given; restore members alone if you must", null);
    }
    return parts;
  }

  private static Throwable firstOf(Throwable error) {
    List<Throwable> all = Exceptions.unwrapMultiple(error);
    Throwable first = all.get(0);
    all.stream().skip(1).forEach(first::addSuppressed);
    return first;
  }

  private static GroupException refused(
      Located.Group group, String kernelId, String reason, @Nullable Throwable cause) {
    return new GroupException(group.name(), kernelId, reason + "; no kernel was touched", cause);
  }

  /** One kernel's part in a restore. */
  private static final class Part {
    final QuiescableKernel kernel;
    final GroupManifest.Member member;
    final AtomicReference<@Nullable Checkpoint> checkpoint = new AtomicReference<>();
    volatile boolean restored;
    volatile Duration stall = Duration.ZERO;
    private long quiescedAt;
    private @Nullable QuiescedKernel quiesced;
    private boolean ended;

    Part(QuiescableKernel kernel, GroupManifest.Member member) {
      this.kernel = kernel;
      this.member = member;
    }

    /** One that comes to a stop when it is over runs on at once. */
    synchronized void stands(QuiescedKernel standing) {
      quiescedAt = System.nanoTime();
      quiesced = standing;
      if (ended) {
        standing.resume(HlcTimestamp.ZERO).subscribe(done -> {}, error -> {});
      }
    }

    synchronized QuiescedKernel standing() {
      if (quiesced == null) {
        throw new IllegalStateException("it does not stand still");
      }
      return quiesced;
    }

    /** What is opened when it is over is closed at once. */
    synchronized void opened(Checkpoint opened) {
      checkpoint.set(opened);
      if (ended) {
        opened.close();
      }
    }

    synchronized @Nullable QuiescedKernel end() {
      ended = true;
      Checkpoint opened = checkpoint.get();
      if (opened != null) {
        opened.close();
      }
      return quiesced;
    }

    synchronized void runs() {
      stall = Duration.ofNanos(System.nanoTime() - quiescedAt);
    }
  }

  private record Done(GroupInfo info, long restored, List<Duration> stalls) {
    GroupRestoreReceipt receipt(Duration duration) {
      return new GroupRestoreReceipt(info, restored, stalls, duration);
    }
  }

  private final class Attempt {
    private final Located.Group group;
    private final List<Part> parts;
    private volatile boolean touched;

    Attempt(Located.Group group, List<Part> parts) {
      this.group = group;
      this.parts = parts;
    }

    Mono<Done> run() {
      HlcTimestamp cut = group.manifest().cut();
      return all(this::verify, VERIFIED_AT_ONCE)
          .then(all(this::quiesce, parts.size()))
          .then(restoreAll())
          .then(all(part -> resume(part, cut), parts.size()))
          .then(Mono.fromSupplier(this::done))
          .doOnNext(done -> parts.forEach(Part::end))
          .onErrorResume(
              e -> letGo().collectList().flatMap(stuck -> Mono.error(described(e, stuck))));
    }

    private Mono<Void> all(Function<Part, Mono<Void>> step, int atOnce) {
      return Flux.fromIterable(parts)
          .flatMap(part -> named(part, step), Math.max(1, atOnce))
          .then();
    }

    private Mono<Void> named(Part part, Function<Part, Mono<Void>> step) {
      return Mono.defer(() -> step.apply(part))
          .onErrorMap(
              e ->
                  new GroupException(
                      group.name(), part.kernel.kernelId(), String.valueOf(e.getMessage()), e));
    }

    /**
     * Each to its end, also after the failure of another: a state that is half taken over is no
     * good.
     */
    private Mono<Void> restoreAll() {
      return Flux.fromIterable(parts)
          .flatMapDelayError(part -> named(part, this::restore), Math.max(1, parts.size()), 1)
          .then()
          .onErrorMap(GroupRestorer::firstOf);
    }

    private Mono<Void> verify(Part part) {
      Located located = part.member.located();
      return opener
          .open(located)
          .flatMap(
              file -> {
                boolean verified = file.header().version() == 1;
                return (verified ? Mono.<Void>empty() : file.verifyAll())
                    .then(loader.checkpoint(new Opener.Opened(located, file), null));
              })
          .doOnNext(part::opened)
          .then();
    }

    private Mono<Void> quiesce(Part part) {
      return within(
              part,
              KernelException.Phase.QUIESCE,
              "it did not come to a stop",
              part.kernel.quiesce().doOnNext(part::stands))
          .then();
    }

    private Mono<Void> restore(Part part) {
      Checkpoint checkpoint = Objects.requireNonNull(part.checkpoint.get());
      touched = true;
      return part.standing()
          .restoreFromCheckpoint(checkpoint)
          .doOnSuccess(
              done -> {
                part.restored = true;
                claims.forget(part.kernel.kernelId());
              });
    }

    private Mono<Void> resume(Part part, HlcTimestamp cut) {
      return within(
              part,
              KernelException.Phase.RESUME,
              "it is restored and did not run on",
              part.standing().resume(cut))
          .doOnSuccess(done -> part.runs());
    }

    private <T> Mono<T> within(Part part, KernelException.Phase phase, String what, Mono<T> step) {
      return step.timeout(timeout, timer)
          .onErrorMap(
              TimeoutException.class,
              e ->
                  new KernelException(
                      part.kernel.kernelId(), phase, what + " within " + timeout, e));
    }

    private Done done() {
      long restored =
          parts.stream().mapToLong(part -> part.member.entry().file().stateSize()).sum();
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
                            standing.resume(HlcTimestamp.ZERO));
                return resume.<Throwable>then(Mono.empty()).onErrorResume(Mono::just);
              },
              Math.max(1, parts.size()));
    }

    private Throwable described(Throwable error, List<Throwable> stuck) {
      Throwable told = error;
      List<Throwable> besides = new ArrayList<>(List.of(error.getSuppressed()));
      besides.addAll(stuck);
      if (error instanceof GroupException known) {
        String state =
            touched
                ? "; restored: "
                    + parts.stream()
                        .filter(part -> part.restored)
                        .map(part -> part.kernel.kernelId())
                        .toList()
                    + ", all others are not: restore the group again"
                : "; no kernel was touched";
        Throwable cause = known.getCause();
        String message = cause == null ? known.getMessage() : cause.getMessage();
        told =
            new GroupException(group.name(), known.culprit().orElse(null), message + state, cause);
      }
      for (Throwable also : besides) {
        if (also != told && also != told.getCause()) {
          told.addSuppressed(also);
        }
      }
      return told;
    }
  }
}
