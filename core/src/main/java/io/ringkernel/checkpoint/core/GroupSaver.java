package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcClock;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Saves groups: makes all participants ready, stops all, captures all at one time, lets all run on,
 * waits until each is saved, then commits by one manifest.
 */
final class GroupSaver {
  /**
   * What it works with.
   *
   * @param saver saves the members; it waits for a capture as long as the cut does
   * @param deleter removes members of a group that failed
   * @param commits commits groups
   * @param slots what lies under names
   * @param resolver finds what was committed
   * @param ids for nonces
   * @param meetings where processes meet
   * @param stalls keeps the kernels within their budgets
   * @param stallBudget for a request that does not say
   */
  record Store(
      Saver saver,
      Deleter deleter,
      GroupCommits commits,
      Slots slots,
      Resolver resolver,
      RandomIds ids,
      Meetings meetings,
      StallGuard stalls,
      @Nullable StallBudget stallBudget) {}

  private final Store store;
  private final Duration captureTimeout;
  private final Scheduler timer;
  private final Clock clock;
  private final HlcClock time;
  private final CutTurns turns = new CutTurns();

  /**
   * @param node tells this process's clock from others
   */
  GroupSaver(Store store, Duration captureTimeout, Scheduler timer, Clock clock, long node) {
    this.store = store;
    this.captureTimeout = captureTimeout;
    this.timer = timer;
    this.clock = clock;
    this.time = new HlcClock(node, clock);
  }

  /** Saves kernels of this process and those who join. */
  Mono<GroupReceipt> save(GroupRequest request, List<? extends CheckpointableKernel> kernels) {
    return Mono.defer(
        () -> {
          long startedAt = System.nanoTime();
          request.name().ifPresent(StoreNames::requireUserName);
          List<QuiescableKernel> local = quiescable(request, kernels);
          return look(request)
              .then(store.ids().next())
              .flatMap(
                  nonce ->
                      Mono.usingWhen(
                          Mono.fromSupplier(() -> new Attempt(request, local, nonce)),
                          Attempt::run,
                          attempt -> Mono.empty(),
                          (attempt, error) -> Mono.empty(),
                          Attempt::cancelled))
              .map(saved -> saved.receipt(Duration.ofNanos(System.nanoTime() - startedAt)));
        });
  }

  /** Fails what is bound to fail before a kernel is stopped. */
  private Mono<Void> look(GroupRequest request) {
    return Mono.justOrEmpty(request.name().filter(name -> request.isOnlyIfAbsent()))
        .flatMap(store.slots()::requireFree);
  }

  private static List<QuiescableKernel> quiescable(
      GroupRequest request, List<? extends CheckpointableKernel> kernels) {
    Set<String> ids = new HashSet<>();
    List<QuiescableKernel> local = new ArrayList<>();
    for (CheckpointableKernel kernel : kernels) {
      requireNew(request, ids, kernel.kernelId());
      local.add(quiescable(request.group(), kernel));
    }
    request.joining().forEach(id -> requireNew(request, ids, id));
    if (ids.isEmpty() || ids.size() > GroupManifest.MOST_MEMBERS) {
      throw new GroupException(
          request.group(),
          null,
          "a group has 1 to " + GroupManifest.MOST_MEMBERS + " kernels, not " + ids.size(),
          null);
    }
    return local;
  }

  private static void requireNew(GroupRequest request, Set<String> ids, String kernelId) {
    if (!ids.add(kernelId)) {
      throw new GroupException(
          request.group(), kernelId, "it is in the group twice; name each kernel once", null);
    }
  }

  /** Refuses a kernel that can't take part in a cut. */
  static QuiescableKernel quiescable(String group, CheckpointableKernel kernel) {
    if (kernel instanceof QuiescableKernel quiescable) {
      return quiescable;
    }
    throw new GroupException(
        group,
        kernel.kernelId(),
        "it can't be kept standing while others are captured: its class "
            + kernel.getClass().getName()
            + " is no QuiescableKernel; no kernel was stopped",
        null);
  }

  /** A kernel of this process, to take part in a cut. */
  LocalParticipant participant(GroupRequest request, QuiescableKernel kernel) {
    StallBudget own = request.stallBudget();
    return new LocalParticipant(
        kernel,
        new LocalParticipant.Means(
            waiting -> store.saver().save(waiting, SaveRequest.defaults()),
            this::committed,
            saved -> store.deleter().delete(saved.name()).then(),
            store.stalls(),
            own == null ? store.stallBudget() : own,
            request.timeout().orElse(captureTimeout),
            timer));
  }

  private Mono<Entry> committed(SaveReceipt saved) {
    return store
        .resolver()
        .resolve(saved.name())
        .ofType(Located.InObject.class)
        .map(Located.InObject::entry)
        .filter(entry -> entry.file().objectId().equals(saved.objectId()))
        .switchIfEmpty(
            Mono.error(
                () ->
                    new GroupException(
                        saved.name(), saved.kernelId(), "its checkpoint was replaced", null)));
  }

  private record Saved(String name, HlcTimestamp cut, List<Participant.Saved> members) {
    GroupReceipt receipt(String group, Duration duration) {
      return new GroupReceipt(
          name, group, cut, members.stream().map(Participant.Saved::receipt).toList(), duration);
    }
  }

  private record Done(String group, Saved saved) {
    GroupReceipt receipt(Duration duration) {
      return saved.receipt(group, duration);
    }
  }

  /** One save of a group. */
  private final class Attempt {
    private final GroupRequest request;
    private final ObjectId nonce;
    private final Duration timeout;
    private final List<Participant> participants = new ArrayList<>();
    private final CutTurns.Turn turn = turns.new Turn();
    private final @Nullable Coordination meeting;
    private volatile HlcTimestamp cut = HlcTimestamp.ZERO;
    private volatile @Nullable GroupCommit commit;

    Attempt(GroupRequest request, List<QuiescableKernel> local, ObjectId nonce) {
      this.request = request;
      this.nonce = nonce;
      this.timeout = request.timeout().orElse(captureTimeout);
      local.forEach(kernel -> participants.add(participant(request, kernel)));
      this.meeting =
          request.joining().isEmpty() ? null : store.meetings().open(request, timeout, nonce);
      if (meeting != null) {
        for (String id : request.joining()) {
          participants.add(meeting.participant(id, saved -> store.deleter().delete(saved).then()));
        }
      }
    }

    Mono<Done> run() {
      Mono<List<Participant.Saved>> steps =
          all(Participant::ready)
              .then(turn.await())
              .then(cut())
              .then(all(Participant::saved).collectList());
      Mono<List<Participant.Saved>> saved =
          meeting == null
              ? steps
              : meeting.open().then(Mono.firstWithSignal(steps, meeting.memberFailure()));
      return saved.flatMap(this::commit).onErrorResume(this::failed);
    }

    /** The part during which kernels stand still. */
    private Mono<Void> cut() {
      return all(Participant::quiesce)
          .reduce(HlcTimestamp.ZERO, (a, b) -> a.compareTo(b) >= 0 ? a : b)
          .doOnNext(latest -> cut = time.merge(latest))
          .then(Mono.defer(() -> all(member -> member.capture(cut)).then()))
          .then(all(Participant::resume).then())
          .doOnSuccess(done -> turn.release());
    }

    /** One step of all participants at once; the first that fails is the culprit. */
    private <T> Flux<T> all(Function<Participant, Mono<T>> step) {
      return Flux.defer(() -> Flux.fromIterable(participants))
          .flatMapSequential(
              member -> step.apply(member).onErrorMap(e -> named(member, e)),
              Math.max(1, participants.size()))
          .onErrorMap(Failures::firstOf);
    }

    private Throwable named(Participant member, Throwable error) {
      return error instanceof GroupException
          ? error
          : new GroupException(
              request.group(), member.kernelId(), String.valueOf(error.getMessage()), error);
    }

    private Mono<Done> commit(List<Participant.Saved> members) {
      String name =
          request.name().orElseGet(() -> StoreNames.made(request.group(), cut.physical(), nonce));
      GroupManifest manifest =
          new GroupManifest(
              request.group(),
              cut,
              ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()),
              nonce,
              members.stream().map(Participant.Saved::member).toList(),
              0,
              List.of());
      Mono<Void> told = meeting == null ? Mono.empty() : meeting.committed(name);
      return store
          .commits()
          .commit(name, manifest, request.isOnlyIfAbsent(), begun -> commit = begun)
          .then(told)
          .thenReturn(new Done(request.group(), new Saved(name, cut, members)));
    }

    /** All kernels run on before the failure is told; one that did not is told with it. */
    private Mono<Done> failed(Throwable error) {
      return abort(error)
          .collectList()
          .flatMap(
              stuck -> {
                stuck.forEach(
                    also -> {
                      if (also != error.getCause()) {
                        error.addSuppressed(also);
                      }
                    });
                return Mono.error(error);
              });
    }

    Mono<Void> cancelled() {
      return abort(new CancellationException("the group's save was cancelled")).then();
    }

    /** Ends the part of each; the failures of those that could not be let go. */
    private Flux<Throwable> abort(Throwable reason) {
      turn.release();
      GroupCommit begun = commit;
      if (begun != null && begun.mayHaveHappened()) {
        // All kernels run, and the members are needed if it has.
        return Flux.empty();
      }
      Mono<Void> withdrawn = begun == null ? Mono.empty() : begun.withdraw();
      Mono<Void> told = meeting == null ? Mono.empty() : meeting.failed(reason).onErrorComplete();
      return Flux.fromIterable(participants)
          .flatMap(
              member ->
                  member
                      .abort(reason)
                      .<Throwable>then(Mono.empty())
                      .onErrorResume(e -> Mono.just(named(member, e))),
              Math.max(1, participants.size()))
          .concatWith(withdrawn.then(told).then(Mono.empty()));
    }
  }
}
