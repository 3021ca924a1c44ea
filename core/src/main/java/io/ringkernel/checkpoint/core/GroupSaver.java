package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcClock;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.internal.Messages;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Saves groups: makes all participants ready, stops all, captures all at one time, lets all run on,
 * waits until each is saved, then commits by one manifest.
 */
final class GroupSaver {
  /**
   * What it works with.
   *
   * @param deleter removes members of a group that failed
   * @param commits commits groups
   * @param slots what lies under names
   * @param ids for nonces
   * @param meetings where processes meet
   */
  record Store(
      Deleter deleter, GroupCommits commits, Slots slots, RandomIds ids, Meetings meetings) {}

  private final Store store;
  private final LocalParticipants locals;
  private final Clock clock;
  private final HlcClock time;
  private final CutTurns turns = new CutTurns();

  /**
   * @param node tells this process's clock from others
   */
  GroupSaver(Store store, LocalParticipants locals, Clock clock, long node) {
    this.store = store;
    this.locals = locals;
    this.clock = clock;
    this.time = new HlcClock(node, clock);
  }

  /** Saves kernels of this process and those who join. */
  Mono<GroupReceipt> save(GroupRequest request, List<? extends QuiescableKernel> kernels) {
    return Mono.defer(
        () -> {
          long startedAt = System.nanoTime();
          request.name().ifPresent(StoreNames::requireUserName);
          LocalParticipants.requireUsable(request, kernels);
          return look(request, kernels)
              .then(store.ids().next())
              .flatMap(
                  nonce ->
                      Mono.usingWhen(
                          Mono.fromSupplier(() -> new Attempt(request, kernels, nonce)),
                          Attempt::run,
                          attempt -> Mono.empty(),
                          (attempt, error) -> Mono.empty(),
                          Attempt::cancelled))
              .map(saved -> saved.receipt(Duration.ofNanos(System.nanoTime() - startedAt)));
        });
  }

  /** Fails what is bound to fail before a kernel is stopped. */
  private Mono<Void> look(GroupRequest request, List<? extends QuiescableKernel> kernels) {
    return Mono.justOrEmpty(request.name())
        .flatMap(
            name ->
                store
                    .slots()
                    .requireUsable(name, request.isOnlyIfAbsent())
                    .then(
                        store.slots().folders().requireApart(withMembers(name, request, kernels))));
  }

  /** The name of a group, and names as they are made for its members. */
  private static List<String> withMembers(
      String name, GroupRequest request, List<? extends QuiescableKernel> kernels) {
    return Stream.concat(
            Stream.of(name),
            Stream.concat(
                    kernels.stream().map(QuiescableKernel::kernelId), request.joining().stream())
                .map(kernelId -> StoreNames.madePrefix(kernelId) + "one of them"))
        .toList();
  }

  private record Saved(
      String name, String group, HlcTimestamp cut, List<Participant.Saved> members) {
    GroupReceipt receipt(Duration duration) {
      return new GroupReceipt(
          name, group, cut, members.stream().map(Participant.Saved::receipt).toList(), duration);
    }
  }

  /** One save of a group. */
  private final class Attempt {
    private final GroupRequest request;
    private final ObjectId nonce;
    private final List<Participant> participants = new ArrayList<>();
    private final CutTurns.Turn turn = turns.new Turn();
    private final @Nullable Coordination meeting;
    private volatile HlcTimestamp cut = HlcTimestamp.ZERO;
    private volatile @Nullable GroupCommit commit;

    Attempt(GroupRequest request, List<? extends QuiescableKernel> local, ObjectId nonce) {
      this.request = request;
      this.nonce = nonce;
      local.forEach(kernel -> participants.add(locals.of(request, kernel)));
      this.meeting =
          request.joining().isEmpty()
              ? null
              : store.meetings().open(request, locals.timeout(request), nonce);
      if (meeting != null) {
        for (String id : request.joining()) {
          participants.add(meeting.participant(id, saved -> store.deleter().delete(saved).then()));
        }
      }
    }

    Mono<Saved> run() {
      Mono<List<Participant.Saved>> steps =
          all(Participant::ready)
              .then(turn.await())
              .then(cut())
              .then(all(Participant::saved).collectList());
      Mono<List<Participant.Saved>> saved =
          meeting == null ? steps : meeting.open().then(watched(meeting, steps));
      return saved.flatMap(this::commit).onErrorResume(this::failed);
    }

    /** Who watches may see the end at the same moment as the steps do. */
    private static Mono<List<Participant.Saved>> watched(
        Coordination meeting, Mono<List<Participant.Saved>> steps) {
      Flux<Mono<List<Participant.Saved>>> all =
          Flux.just(steps, meeting.memberFailure(), meeting.alive());
      return FirstFailure.of(all, one -> one, 3).next();
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
      return FirstFailure.inOrder(
          Flux.defer(() -> Flux.fromIterable(participants)),
          member -> step.apply(member).onErrorMap(e -> named(member, e)),
          Math.max(1, participants.size()));
    }

    private Throwable named(Participant member, Throwable error) {
      return error instanceof GroupException
          ? error
          : new GroupException(request.group(), member.kernelId(), Messages.of(error), error);
    }

    private Mono<Saved> commit(List<Participant.Saved> members) {
      String name =
          request.name().orElseGet(() -> StoreNames.made(request.group(), cut.physical(), nonce));
      GroupManifest manifest =
          new GroupManifest(
              request.group(),
              cut,
              Instants.micros(clock.instant()),
              nonce,
              members.stream().map(Participant.Saved::member).toList(),
              0,
              List.of());
      Mono<Void> committed =
          store.commits().commit(name, manifest, request.isOnlyIfAbsent(), begun -> commit = begun);
      Mono<Void> told =
          meeting == null
              ? committed
              : meeting
                  .committing(name)
                  // From here on it is of no account that the members can't be reached.
                  .then(
                      Mono.firstWithSignal(
                          committed, meeting.<Void>alive().onErrorResume(e -> Mono.never())))
                  .then(meeting.committed(name));
      return told.thenReturn(new Saved(name, request.group(), cut, members));
    }

    /** All kernels run on before the failure is told; one that did not is told with it. */
    private Mono<Saved> failed(Throwable error) {
      return abort(error)
          .collectList()
          .flatMap(
              stuck -> {
                stuck.forEach(also -> FirstFailure.suppress(also, error));
                return Mono.error(error);
              });
    }

    Mono<Void> cancelled() {
      return abort(new CancellationException("the group's save was cancelled")).then();
    }

    /** Ends the part of each; the failures of those that could not be let go, but the reason's. */
    private Flux<Throwable> abort(Throwable reason) {
      turn.release();
      GroupCommit begun = commit;
      if (begun != null && begun.mayHaveHappened()) {
        // All kernels run, and the members are needed if it has.
        return Flux.empty();
      }
      Mono<Void> withdrawn = begun == null ? Mono.empty() : begun.withdraw();
      Mono<Void> told =
          meeting == null ? Mono.empty() : meeting.failed(reason).then().onErrorComplete();
      return Flux.fromIterable(participants)
          .flatMap(
              member ->
                  member
                      .abort(reason)
                      .<Throwable>then(Mono.empty())
                      .onErrorResume(
                          e ->
                              e == reason || e == reason.getCause()
                                  ? Mono.empty()
                                  : Mono.just(named(member, e))),
              Math.max(1, participants.size()))
          .concatWith(withdrawn.then(told).then(Mono.empty()));
    }
  }
}
