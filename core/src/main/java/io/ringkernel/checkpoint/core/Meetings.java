package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.Objects;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Opens and finds the cuts that several processes take part in. */
final class Meetings {
  /** How many times a step's time a record may lie unchanged before its coordinator is dead. */
  static final int PATIENCE = 2;

  private final SmallObjects small;
  private final Scheduler timer;

  Meetings(SmallObjects small, Scheduler timer) {
    this.small = small;
    this.timer = timer;
  }

  /** A coordinator's side of a cut that is to be opened. */
  Coordination open(GroupRequest request, Duration timeout, ObjectId id) {
    Meeting meeting =
        new Meeting(small, timer, request.group(), id, request.pollInterval(), timeout);
    return new Coordination(this, meeting, request, timeout, id);
  }

  /**
   * Writes a new cut's record where none is open. One that is open is watched: if it changes, it is
   * alive and this is refused; if it does not, its coordinator is dead and it is replaced.
   */
  Mono<Void> create(CutRecord record, Duration pollInterval) {
    return Meeting.find(small, record.group())
        .flatMap(found -> watched(found, pollInterval))
        .flatMap(looked -> replace(looked, record));
  }

  /**
   * Writes it in the place of what was looked at, or of what has come since and is over: members
   * may be late to change that.
   */
  private Mono<Void> replace(Meeting.Found looked, CutRecord record) {
    return Mono.defer(() -> Meeting.find(small, record.group()))
        .filter(now -> !now.isOf(record.cut().id()))
        .doOnNext(now -> requireNotAlive(now, looked, record.group()))
        .flatMap(
            now ->
                small.write(
                    StoreNames.cut(record.group()),
                    record.inPlaceOf(now.record()).encode(),
                    now.version()))
        .retryWhen(Again.afterRefusalOrLostAnswer())
        .then();
  }

  private static void requireNotAlive(Meeting.Found now, Meeting.Found before, String group) {
    if (now.isOpen() && !Objects.equals(now.version(), before.version())) {
      throw new GroupException(
          group, null, "another coordinator has a cut open; try again when it is over", null);
    }
  }

  /** What lies there when it is over, or its coordinator has been silent for too long. */
  private Mono<Meeting.Found> watched(Meeting.Found found, Duration pollInterval) {
    CutRecord record = found.record();
    if (record == null || record.isOver()) {
      return Mono.just(found);
    }
    Duration patience = record.timeout().multipliedBy(PATIENCE).plus(pollInterval);
    return Mono.defer(() -> Meeting.find(small, record.group()))
        .repeatWhen(done -> done.delayElements(pollInterval, timer))
        .takeUntilOther(Mono.delay(patience, timer))
        .doOnNext(now -> requireNotAlive(now, found, record.group()))
        .takeUntil(now -> !now.isOpen())
        .last(found);
  }

  /** Waits until a kernel is invited to a cut. */
  Mono<Invitation> invitation(GroupRequest request, String kernelId) {
    return Mono.defer(() -> Meeting.find(small, request.group()))
        .onErrorResume(Failures::isTransient, e -> Mono.just(new Meeting.Found(null, null)))
        .repeatWhen(done -> done.delayElements(request.pollInterval(), timer))
        .mapNotNull(Meeting.Found::record)
        .filter(record -> record.phase() == Cut.Phase.GATHER)
        .filter(
            record ->
                record
                    .member(kernelId)
                    .filter(member -> member.state() == CutRecord.State.INVITED)
                    .isPresent())
        .next()
        .map(
            record ->
                new Invitation(
                    new Meeting(
                        small,
                        timer,
                        record.group(),
                        record.cut().id(),
                        request.pollInterval(),
                        record.timeout()),
                    record.timeout()));
  }

  /**
   * A cut to take part in.
   *
   * @param meeting its record
   * @param timeout how long each step may take
   */
  record Invitation(Meeting meeting, Duration timeout) {}
}
