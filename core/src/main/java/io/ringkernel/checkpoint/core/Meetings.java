package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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
        .flatMap(
            found ->
                found.isOpen()
                    ? watch(found, pollInterval).flatMap(last -> write(record, last.version()))
                    : write(record, found.version()));
  }

  private Mono<Void> write(CutRecord record, @Nullable String base) {
    return small
        .write(StoreNames.cut(record.group()), record.encode(), base)
        .then()
        .onErrorResume(
            e -> Failures.isRefusal(e) || Failures.isTransient(e),
            e ->
                Meeting.find(small, record.group())
                    .filter(found -> found.record() != null)
                    .filter(found -> record.id().equals(idOf(found)))
                    .switchIfEmpty(
                        Mono.error(() -> Failures.isRefusal(e) ? open(record.group()) : e))
                    .then());
  }

  private static @Nullable ObjectId idOf(Meeting.Found found) {
    CutRecord record = found.record();
    return record == null ? null : record.id();
  }

  /** What lies there when it is over, or its coordinator has been silent for too long. */
  private Mono<Meeting.Found> watch(Meeting.Found open, Duration pollInterval) {
    CutRecord record = open.record();
    if (record == null) {
      return Mono.just(open);
    }
    Duration patience = record.timeout().multipliedBy(PATIENCE).plus(pollInterval);
    return Mono.defer(() -> Meeting.find(small, record.group()))
        .repeatWhen(done -> done.delayElements(pollInterval, timer))
        .takeUntilOther(Mono.delay(patience, timer))
        .doOnNext(
            now -> {
              if (now.isOpen() && !Objects.equals(now.version(), open.version())) {
                throw open(record.group());
              }
            })
        // The condition of the write tells whether somebody else is faster.
        .takeUntil(now -> !now.isOpen())
        .last(open);
  }

  private static GroupException open(String group) {
    return new GroupException(
        group, null, "another coordinator has a cut open; try again when it is over", null);
  }

  /** Waits until a kernel is invited to a cut. */
  Mono<Invitation> invitation(GroupRequest request, String kernelId) {
    return Mono.defer(() -> Meeting.find(small, request.group()))
        .onErrorResume(Failures::isTransient, e -> Mono.just(new Meeting.Found(null, null)))
        .repeatWhen(done -> done.delayElements(request.pollInterval(), timer))
        .mapNotNull(Meeting.Found::record)
        .filter(record -> record.phase() == CutRecord.Phase.GATHER)
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
                        record.id(),
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

  static CutRecord opened(GroupRequest request, Duration timeout, ObjectId id) {
    return new CutRecord(
        request.group(),
        id,
        CutRecord.Phase.GATHER,
        HlcTimestamp.ZERO,
        timeout,
        0,
        "",
        "",
        request.joining().stream().map(CutRecord.Member::invited).toList());
  }
}
