package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.Messages;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A coordinator's side of a cut in which other processes take part. */
final class Coordination {
  private final Meetings meetings;
  private final Meeting meeting;
  private final GroupRequest request;
  private final Duration timeout;
  private final ObjectId id;
  private volatile boolean opened;

  Coordination(
      Meetings meetings, Meeting meeting, GroupRequest request, Duration timeout, ObjectId id) {
    this.meetings = meetings;
    this.meeting = meeting;
    this.request = request;
    this.timeout = timeout;
    this.id = id;
  }

  /** Invites the members. */
  Mono<Void> open() {
    return meetings
        .create(
            CutRecord.opened(request.group(), id, timeout, request.joining()),
            request.pollInterval())
        .doOnSubscribe(subscription -> opened = true);
  }

  /** Fails when a member gives up, whatever is waited for at that time; never completes. */
  <T> Mono<T> memberFailure() {
    return meeting.memberFailure();
  }

  /**
   * Shows the members that this process is alive, however long it saves and commits; never
   * completes.
   */
  <T> Mono<T> alive() {
    return meeting.alive(timeout, CutRecord::alive);
  }

  /**
   * Sees that nobody has given this cut up, and that nobody does from now on: what becomes of it is
   * decided by the manifest's write.
   */
  Mono<Void> committing(String name) {
    return meeting.advance(record -> record.committing(name)).then();
  }

  /** Tells the members that the group is committed. */
  Mono<Void> committed(String name) {
    return meeting
        .update(record -> record.over(Cut.Phase.COMMITTED, name, ""))
        .then()
        // The group stands; members that are not told learn nothing worse than that.
        .onErrorComplete();
  }

  /**
   * Tells the members that there is no group.
   *
   * @return what they had reported by then; empty when they were not invited
   */
  Mono<CutRecord> failed(Throwable reason) {
    if (!opened) {
      return Mono.empty();
    }
    String culprit = reason instanceof GroupException group ? group.culprit().orElse("") : "";
    return meeting.update(record -> record.over(Cut.Phase.FAILED, Messages.of(reason), culprit));
  }

  private Mono<Void> phase(Cut.Phase phase) {
    return phase(phase, UnaryOperator.identity());
  }

  private Mono<Void> phase(Cut.Phase phase, UnaryOperator<HlcTimestamp> time) {
    return meeting
        .update(
            record ->
                record.phase().compareTo(phase) >= 0
                    ? record
                    : record.at(phase, time.apply(record.cut().time())))
        .then();
  }

  /**
   * The part of a kernel in another process.
   *
   * @param undo removes a checkpoint that was committed for a group that failed
   */
  Participant participant(String kernelId, Function<String, Mono<Void>> undo) {
    return new Remote(kernelId, undo);
  }

  private final class Remote implements Participant {
    private final String kernelId;
    private final Function<String, Mono<Void>> undo;
    private volatile @Nullable String savedAs;

    Remote(String kernelId, Function<String, Mono<Void>> undo) {
      this.kernelId = kernelId;
      this.undo = undo;
    }

    @Override
    public String kernelId() {
      return kernelId;
    }

    private Mono<CutRecord.Member> reaches(CutRecord.State state) {
      return meeting.awaitMember(kernelId, state, timeout);
    }

    @Override
    public Mono<Void> ready() {
      return reaches(CutRecord.State.READY).then();
    }

    @Override
    public Mono<HlcTimestamp> quiesce() {
      return phase(Cut.Phase.QUIESCE)
          .then(reaches(CutRecord.State.QUIESCED))
          .map(CutRecord.Member::hlc);
    }

    @Override
    public Mono<Void> capture(HlcTimestamp cut) {
      return phase(Cut.Phase.CAPTURE, unset -> cut).then(reaches(CutRecord.State.CAPTURED)).then();
    }

    @Override
    public Mono<Void> resume() {
      return phase(Cut.Phase.RESUME);
    }

    @Override
    public Mono<Saved> saved() {
      return reaches(CutRecord.State.SAVED)
          .map(
              member -> {
                Entry entry = member.entry();
                if (entry == null || !entry.isOf(kernelId)) {
                  throw new GroupException(
                      request.group(), kernelId, "it reported no checkpoint of its own", null);
                }
                noteSaved(member);
                Duration stall = Duration.ofNanos(member.stallNanos());
                return new Saved(member.name(), entry, stall, List.of());
              });
    }

    private void noteSaved(CutRecord.Member member) {
      Entry entry = member.entry();
      if (entry != null && entry.isOf(kernelId)) {
        savedAs = member.name();
      }
    }

    /** Its own process lets it run on when it is told. */
    @Override
    public Mono<Void> abort(Throwable reason) {
      return failed(reason)
          // It may have reported since it was looked at.
          .doOnNext(record -> record.member(kernelId).ifPresent(this::noteSaved))
          .onErrorComplete()
          .then(Mono.defer(() -> Mono.justOrEmpty(savedAs)))
          .flatMap(undo)
          .onErrorComplete();
    }
  }
}
