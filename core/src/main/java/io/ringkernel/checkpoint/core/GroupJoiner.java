package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.internal.Messages;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Takes part, with a kernel of this process, in a cut that another process coordinates. Whatever
 * happens to the coordinator or the storage, the kernel runs on after a bounded time.
 */
final class GroupJoiner {
  private final Meetings meetings;
  private final LocalParticipants locals;

  GroupJoiner(Meetings meetings, LocalParticipants locals) {
    this.meetings = meetings;
    this.locals = locals;
  }

  /**
   * Waits for the group's next cut and takes part in it.
   *
   * @param refusal fails when it should wait no longer; a cut that it takes part in goes on
   */
  Mono<GroupReceipt> join(
      GroupRequest request, QuiescableKernel kernel, Mono<Meetings.Invitation> refusal) {
    return Mono.defer(
            () -> Mono.firstWithSignal(meetings.invitation(request, kernel.kernelId()), refusal))
        .flatMap(
            invitation ->
                Mono.usingWhen(
                    Mono.fromSupplier(() -> new Part(request, kernel, invitation)),
                    Part::run,
                    part -> Mono.empty(),
                    Part::failed,
                    part -> part.failed(new CancellationException("it was cancelled"))));
  }

  /** One cut. */
  private final class Part {
    private final GroupRequest request;
    private final Meeting meeting;
    private final LocalParticipant member;
    private final Duration timeout;
    private final Duration patience;
    private final long startedAt = System.nanoTime();

    Part(GroupRequest request, QuiescableKernel kernel, Meetings.Invitation invitation) {
      this.request = request;
      this.meeting = invitation.meeting();
      this.timeout = invitation.timeout();
      this.member = locals.of(request.timeout(timeout), kernel);
      this.patience = timeout.multipliedBy(Meetings.PATIENCE);
    }

    Mono<GroupReceipt> run() {
      return member
          .ready()
          .then(report(line -> line.at(CutRecord.State.READY)))
          .then(phase(Cut.Phase.QUIESCE))
          .then(Mono.defer(member::quiesce))
          .flatMap(hlc -> report(line -> line.quiesced(hlc)))
          .then(phase(Cut.Phase.CAPTURE))
          .flatMap(record -> member.capture(record.cut().time()))
          .then(report(line -> line.at(CutRecord.State.CAPTURED)))
          .then(phase(Cut.Phase.RESUME))
          .then(Mono.defer(member::resume))
          .then(Mono.defer(this::saved))
          .flatMap(saved -> end().map(end -> receipt(saved, end)));
    }

    /**
     * From the report on the group may be committed: only what is written down says that not. Then
     * the checkpoint is removed here too: a coordinator that was taken over knows nothing of it.
     */
    private Mono<CutRecord> end() {
      return phase(Cut.Phase.COMMITTED)
          .onErrorResume(
              GroupException.class,
              reason ->
                  meeting
                      .giveUp(reason)
                      .doOnNext(record -> member.keep(record.phase() != Cut.Phase.FAILED))
                      .doOnNext(record -> meeting.requireCommitted(record, reason)));
    }

    private Mono<Void> report(UnaryOperator<CutRecord.Member> change) {
      return Mono.defer(() -> meeting.update(record -> record.with(member.kernelId(), change)))
          .then();
    }

    private Mono<CutRecord> phase(Cut.Phase phase) {
      return Mono.defer(
          () -> meeting.await(record -> record.phase().compareTo(phase) >= 0, patience));
    }

    /** Gives signs of life meanwhile. */
    private Mono<Participant.Saved> saved() {
      Mono<Participant.Saved> beats =
          meeting.alive(timeout, record -> record.with(member.kernelId(), CutRecord.Member::alive));
      return Mono.firstWithSignal(member.saved(), beats)
          .flatMap(saved -> reported(saved).thenReturn(saved));
    }

    /**
     * From the report on it is the coordinator's; where the cut was over nobody would look at it.
     */
    private Mono<CutRecord> reported(Participant.Saved saved) {
      return meeting
          .update(
              record -> {
                member.keep(true);
                return record.with(member.kernelId(), line -> line.saved(saved));
              })
          .doOnNext(record -> member.keep(isCoordinators(record)));
    }

    private boolean isCoordinators(CutRecord record) {
      return record.phase() == Cut.Phase.COMMITTED
          || record.phase() == Cut.Phase.UNKNOWN
          || record
              .member(member.kernelId())
              .filter(line -> line.state() == CutRecord.State.SAVED)
              .isPresent();
    }

    private GroupReceipt receipt(Participant.Saved saved, CutRecord end) {
      Cut cut = end.cut();
      Duration duration = Duration.ofNanos(System.nanoTime() - startedAt);
      return new GroupReceipt(
          cut.outcome(), request.group(), cut.time(), List.of(saved.receipt()), duration);
    }

    /** The kernel runs on first; then the others are told, if they can be. */
    Mono<Void> failed(@Nullable Throwable error) {
      Throwable reason = error == null ? new CancellationException("it ended") : error;
      boolean ours =
          !(reason instanceof GroupException group)
              || group.culprit().filter(member.kernelId()::equals).isPresent();
      Mono<Void> told =
          ours ? report(line -> failedLine(line, reason)).onErrorComplete() : Mono.empty();
      return member.abort(reason).onErrorResume(e -> told.then(Mono.error(e))).then(told);
    }

    private CutRecord.Member failedLine(CutRecord.Member line, Throwable reason) {
      return line.state() == CutRecord.State.SAVED ? line : line.failed(Messages.of(reason));
    }
  }
}
