package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
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
      return record != null && !record.phase().isOver();
    }
  }

  private final SmallObjects small;
  private final Scheduler timer;
  private final String group;
  private final ObjectId id;
  private final Duration pollInterval;
  private final Duration timeout;
  private final Flux<CutRecord> changes;

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
    this.pollInterval = pollInterval;
    this.timeout = timeout;
    this.changes = polled(Mono.defer(this::current).map(Current::record)).share();
  }

  private record Current(CutRecord record, String version) {}

  /** Again and again, as long as somebody listens. */
  private <T> Flux<T> polled(Mono<T> read) {
    return read.retryWhen(
            Retry.fixedDelay(MOST_LOST_READS, pollInterval)
                .filter(Failures::isTransient)
                .scheduler(timer)
                .onRetryExhaustedThrow((spec, signal) -> signal.failure()))
        .repeatWhen(done -> done.delayElements(pollInterval, timer));
  }

  /** What lies where a group meets. */
  static Mono<Found> find(SmallObjects small, String group) {
    return small
        .read(StoreNames.cut(group), RecordKind.CUT)
        .map(start -> new Found(CutRecord.decode(start.bytes()), start.object().version()))
        .defaultIfEmpty(new Found(null, null));
  }

  private Mono<Current> current() {
    return find(small, group)
        .map(
            found -> {
              CutRecord record = found.record();
              String version = found.version();
              if (record == null || version == null || !record.id().equals(id)) {
                throw new GroupException(
                    group, null, "another coordinator took over, this cut is over", null);
              }
              return new Current(record, version);
            });
  }

  /** Changes the record; nothing is written when the change changes nothing. */
  Mono<CutRecord> update(UnaryOperator<CutRecord> change) {
    Mono<CutRecord> updated =
        Mono.defer(this::current)
            .flatMap(
                now -> {
                  CutRecord next = change.apply(now.record());
                  return next.equals(now.record())
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

  private StorageException unanswered(TimeoutException cause) {
    return new StorageException(
        "'"
            + StoreNames.cut(group)
            + "', where the processes of group '"
            + group
            + "' meet, was not written within "
            + timeout
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
    return changes
        .distinctUntilChanged()
        .timeout(patience, silence("the coordinator", patience), timer)
        .doOnNext(this::requireNotFailed)
        .filter(condition)
        .next();
  }

  /**
   * Waits for what a member does.
   *
   * @param patience how long the member may not change its line
   */
  Mono<CutRecord.Member> awaitMember(String kernelId, CutRecord.State state, Duration patience) {
    return changes
        .mapNotNull(record -> record.member(kernelId).orElse(null))
        .distinctUntilChanged()
        .timeout(patience, silence("it", patience, kernelId, state), timer)
        .doOnNext(member -> requireNotFailed(member))
        .filter(member -> member.state().compareTo(state) >= 0)
        .next();
  }

  /** Fails when any member gives up; never completes. */
  <T> Mono<T> memberFailure() {
    return changes
        .distinctUntilChanged()
        .doOnNext(record -> record.members().forEach(this::requireNotFailed))
        .then(Mono.never());
  }

  /**
   * Gives signs of life, as long as somebody listens; never completes.
   *
   * @param within how long the others wait for one at least
   * @param sign changes the record
   */
  <T> Mono<T> alive(Duration within, UnaryOperator<CutRecord> sign) {
    return Flux.interval(within.dividedBy(3), timer)
        .onBackpressureDrop()
        // One that is lost is no death: the others wait for several.
        .concatMap(tick -> update(sign).onErrorComplete(Failures::isTransient), 1)
        .then(Mono.never());
  }

  private <T> Flux<T> silence(String who, Duration patience) {
    return Flux.error(
        () ->
            new GroupException(
                group,
                null,
                "no sign of " + who + " for " + patience + "; its process may have ended",
                null));
  }

  private <T> Flux<T> silence(
      String who, Duration patience, String kernelId, CutRecord.State state) {
    return Flux.error(
        () ->
            new GroupException(
                group,
                kernelId,
                "no sign of "
                    + who
                    + " for "
                    + patience
                    + " on the way to '"
                    + state.name().toLowerCase(Locale.ROOT)
                    + "'; its process may have ended, or has not joined",
                null));
  }

  private void requireNotFailed(CutRecord record) {
    if (record.phase() == CutRecord.Phase.FAILED) {
      String culprit = record.culprit();
      throw new GroupException(
          group, culprit.isEmpty() ? null : culprit, "the cut failed: " + record.outcome(), null);
    }
  }

  private void requireNotFailed(CutRecord.Member member) {
    if (member.state() == CutRecord.State.FAILED) {
      throw new GroupException(group, member.kernelId(), member.problem(), null);
    }
  }
}
