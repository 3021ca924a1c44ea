package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.Messages;
import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/** One cut's record, as one process reads and changes it. */
final class Meeting {
  private static final int MOST_LOST_READS = 3;

  /** A record as it lies in the store. */
  record Found(@Nullable CutRecord record, @Nullable String version) {
    boolean isOpen() {
      return record != null && !record.isOver();
    }

    boolean isOf(ObjectId id) {
      return record != null && record.cut().id().equals(id);
    }
  }

  private final SmallObjects small;
  private final Scheduler timer;
  private final String group;
  private final ObjectId id;
  private final Duration timeout;
  private final Mono<CutRecord> look;
  private final Flux<CutRecord> looks;

  /**
   * @param id of the cut; when another is found, this one is over
   * @param timeout how long a change may take: somebody may stand still meanwhile
   */
  Meeting(
      SmallObjects small,
      Scheduler timer,
      String group,
      ObjectId id,
      Duration pollInterval,
      Duration timeout) {
    this.small = small;
    this.timer = timer;
    this.group = group;
    this.id = id;
    this.timeout = timeout;
    this.look =
        Mono.defer(this::current)
            .map(Current::record)
            .doOnNext(this::requireNotLost)
            .retryWhen(
                Retry.fixedDelay(MOST_LOST_READS, pollInterval)
                    .filter(Failures::isTransient)
                    .scheduler(timer)
                    .onRetryExhaustedThrow((spec, signal) -> signal.failure()));
    this.looks = look.repeatWhen(done -> done.delayElements(pollInterval, timer)).share();
  }

  private record Current(CutRecord record, String version) {}

  /** What lies where a group meets; one that can't be read is told with its place. */
  static Mono<Found> find(SmallObjects small, String group) {
    String place = StoreNames.cut(group);
    return small
        .read(place, RecordKind.CUT)
        .map(start -> new Found(recordOf(group, start.bytes()), start.object().version()))
        .defaultIfEmpty(new Found(null, null))
        .onErrorMap(e -> Failures.named(place, e));
  }

  private static CutRecord recordOf(String group, byte[] bytes) {
    CutRecord record = CutRecord.decode(bytes);
    if (!record.group().equals(group)) {
      throw new CorruptCheckpointException(0, "it is of the group '" + record.group() + "'");
    }
    return record;
  }

  private Mono<Current> current() {
    return find(small, group)
        .map(
            found -> {
              CutRecord record = found.record();
              String version = found.version();
              if (record == null || version == null) {
                throw takenOver();
              }
              return new Current(record.of(id).orElseThrow(this::takenOver), version);
            });
  }

  private GroupException takenOver() {
    return new GroupException(
        group,
        null,
        "another coordinator took over, and how this cut ended is not told any more",
        null);
  }

  /**
   * Changes the record; nothing is written when the change changes nothing. A cut that is over
   * stays as it ended: what comes late must not change another that has begun in its place.
   */
  Mono<CutRecord> update(UnaryOperator<CutRecord> change) {
    Mono<CutRecord> updated =
        Mono.defer(this::current)
            .flatMap(
                now -> {
                  CutRecord record = now.record();
                  CutRecord next = record.isOver() ? record : change.apply(record);
                  return next.equals(record)
                      ? Mono.just(next)
                      : small
                          .write(StoreNames.cut(group), next.encode(), now.version())
                          .thenReturn(next);
                })
            .retryWhen(Again.afterRefusalOrLostAnswer());
    return new Deadline(timeout, timer)
        .on(updated)
        .onErrorMap(TimeoutException.class, this::unanswered);
  }

  /** The same of a cut that must go on. */
  Mono<CutRecord> advance(UnaryOperator<CutRecord> change) {
    return update(change).doOnNext(this::requireNotLost);
  }

  /**
   * Ends a cut of which nothing is heard, so that it can't be committed any more, unless it was
   * just being committed.
   *
   * @return the cut as it is then: over, or it may be committed at any moment
   */
  Mono<CutRecord> giveUp(GroupException reason) {
    return update(
        record ->
            record.phase() == Cut.Phase.COMMITTING
                ? record
                : record.over(Cut.Phase.FAILED, Messages.of(reason), ""));
  }

  /**
   * Refuses a cut that is not committed, or may not be.
   *
   * @param reason why it was given up
   */
  void requireCommitted(CutRecord record, GroupException reason) {
    requireNotLost(record);
    if (!record.isOver()) {
      throw unknown(record.cut(), reason);
    }
  }

  private StorageException unanswered(TimeoutException cause) {
    return new StorageException(
        "'"
            + StoreNames.cut(group)
            + "', where the processes of group '"
            + group
            + "' meet, was not written within "
            + Spans.words(timeout)
            + ": check that the storage answers",
        true,
        cause);
  }

  /**
   * Waits for what the coordinator does.
   *
   * @param patience how long nothing at all may happen
   */
  Mono<CutRecord> await(Predicate<CutRecord> condition, Duration patience) {
    return changes(record -> record, patience, () -> silence("the coordinator", patience))
        .filter(condition)
        .next();
  }

  /**
   * Waits for what a member does.
   *
   * @param patience how long the member may not change its line
   */
  Mono<CutRecord.Member> awaitMember(String kernelId, CutRecord.State state, Duration patience) {
    return changes(
            record -> record.member(kernelId).orElse(null),
            patience,
            () -> silence(kernelId, state, patience))
        .doOnNext(this::requireNotFailed)
        .filter(member -> member.state().compareTo(state) >= 0)
        .next();
  }

  /**
   * A part of the record as it is now, and whenever it has changed. When it has not for too long,
   * it is looked at once more: perhaps it was this process that stood still, and its time is over
   * before it has seen what there was to see.
   */
  private <T> Flux<T> changes(
      Function<CutRecord, @Nullable T> part, Duration patience, Supplier<GroupException> silence) {
    return Flux.defer(
        () -> {
          AtomicReference<@Nullable T> seen = new AtomicReference<>();
          Predicate<T> isNew = now -> !now.equals(seen.get());
          Mono<T> lastLook =
              new Deadline(timeout, timer)
                  .on(look.mapNotNull(part).filter(isNew))
                  .onErrorComplete(TimeoutException.class)
                  .switchIfEmpty(Mono.error(silence));
          return looks
              .mapNotNull(part)
              .filter(isNew)
              .timeout(patience, lastLook, timer)
              // It goes on where the last look has seen something.
              .repeat()
              .doOnNext(seen::set);
        });
  }

  /** Fails when any member gives up; never completes. */
  <T> Mono<T> memberFailure() {
    return looks
        .doOnNext(record -> record.members().forEach(this::requireNotFailed))
        .then(Mono.never());
  }

  /**
   * Gives signs of life, as long as somebody listens; never completes, and fails with the cut.
   *
   * @param within how long the others wait for one at least
   * @param sign changes the record
   */
  <T> Mono<T> alive(Duration within, UnaryOperator<CutRecord> sign) {
    return Flux.interval(within.dividedBy(3), timer)
        .onBackpressureDrop()
        // One that is lost is no death: the others wait for several.
        .concatMap(tick -> update(sign).onErrorComplete(Failures::isTransient), 1)
        .doOnNext(this::requireNotLost)
        .then(Mono.never());
  }

  private GroupException silence(String who, Duration patience) {
    return new GroupException(
        group,
        null,
        "no sign of " + who + " for " + Spans.words(patience) + "; its process may have ended",
        null);
  }

  private GroupException silence(String kernelId, CutRecord.State state, Duration patience) {
    return new GroupException(
        group,
        kernelId,
        "no sign of it for "
            + Spans.words(patience)
            + " on the way to '"
            + state.name().toLowerCase(Locale.ROOT)
            + "'; its process may have ended, or has not joined",
        null);
  }

  private void requireNotLost(CutRecord record) {
    Cut cut = record.cut();
    if (cut.phase() == Cut.Phase.FAILED) {
      String culprit = cut.culprit();
      throw new GroupException(
          group, culprit.isEmpty() ? null : culprit, "the cut failed: " + cut.outcome(), null);
    }
    if (cut.phase() == Cut.Phase.UNKNOWN) {
      throw unknown(
          cut,
          new GroupException(
              group, null, "another coordinator took over while it was committed", null));
    }
  }

  private static CommitStateUnknownException unknown(Cut cut, GroupException why) {
    return GroupCommit.unknown(cut.outcome(), cut.time(), why);
  }

  private void requireNotFailed(CutRecord.Member member) {
    if (member.state() == CutRecord.State.FAILED) {
      throw new GroupException(group, member.kernelId(), member.problem(), null);
    }
  }
}
