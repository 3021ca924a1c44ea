package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.Messages;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * What is to be copied to the far tier: for each kernel a {@link FarLine}, in the order of its
 * commits, and for each group one of its cuts.
 *
 * <p>Order: of a line only the first is copied, and only one at a time, until its turn is over; the
 * first of a group's line only when none of its members waits any more, in whatever line.
 *
 * <p>Locking: this is safe for several threads, and nothing waits here. The one lock is this
 * object's; the lines are guarded by it, too, and given to nobody. Who waits for a change is told
 * when the lock was given back.
 */
final class FarBacklog {
  /** Of so many that ended it is known how, for those who ask late. */
  private static final int MOST_ENDED = 1024;

  private final int most;
  private final Map<String, FarLine> lines = new HashMap<>();
  private final Deque<FarLine> ready = new ArrayDeque<>();
  private final Deque<FarJob> ended = new ArrayDeque<>();

  /** Those of the jobs that are of groups. */
  private final Set<FarGroup> groups = new LinkedHashSet<>();

  private int size;
  private boolean open;
  private boolean closed;
  private String startFailure = "";
  private Sinks.Empty<Void> change = Sinks.empty();

  /**
   * @param most checkpoints of one kernel that wait
   */
  FarBacklog(int most) {
    this.most = most;
  }

  /** Lines are taken from now on: what an earlier process left is in them. */
  void open() {
    changing(() -> open = true);
  }

  /** What an earlier process left can't be found out yet. */
  synchronized void startFailed(Throwable failure) {
    startFailure = Messages.of(failure);
  }

  /** Completes with the next change; to be asked for before looking. */
  synchronized Mono<Void> nextChange() {
    return change.asMono();
  }

  /** Changes something, and tells so when the lock is given back. */
  private void changing(Runnable work) {
    Sinks.Empty<Void> old;
    synchronized (this) {
      work.run();
      old = change;
      change = Sinks.empty();
    }
    old.tryEmitEmpty();
  }

  private FarLine line(String key) {
    return lines.computeIfAbsent(key, FarLine::new);
  }

  private void tidy(FarLine line) {
    if (line.isIdle()) {
      lines.remove(line.key());
    }
  }

  /** Keeps a place for a save in each of its lines, unless one has none. */
  synchronized boolean reserve(Set<String> keys) {
    boolean room = keys.stream().map(lines::get).allMatch(this::hasRoom);
    if (room) {
      keys.forEach(key -> line(key).reserve());
    }
    return room;
  }

  private boolean hasRoom(@Nullable FarLine line) {
    return line == null || line.hasRoom(most);
  }

  /** The save has ended; what it saved has places of its own by now. */
  void release(Set<String> keys) {
    changing(() -> keys.forEach(this::releaseOne));
  }

  private void releaseOne(String key) {
    FarLine line = line(key);
    line.release();
    tidy(line);
  }

  /** Adds those that are not there; a group together with its members, or after them. */
  synchronized void add(List<FarJob> jobs) {
    Set<FarLine> grown = new LinkedHashSet<>();
    for (FarJob job : jobs) {
      FarLine line = line(job.line());
      if (line.add(job)) {
        size++;
        grown.add(line);
        if (job instanceof FarGroup group) {
          groups.add(group);
        }
      }
    }
    grown.forEach(this::makeReady);
  }

  private void makeReady(FarLine line) {
    if (line.isResting() && mayBegin(line)) {
      line.queue();
      ready.add(line);
    }
  }

  private boolean mayBegin(FarLine line) {
    FarJob first = line.first();
    return first != null && !waitsForMembers(first);
  }

  private boolean waitsForMembers(FarJob job) {
    return job.members().stream()
        .anyMatch(member -> jobs(member.metadata().kernelId()).anyMatch(one -> one.isOf(member)));
  }

  /**
   * Takes out the oldest that are too many in the lines of some jobs, but none that is being
   * copied; and groups of which a member is taken out.
   */
  List<FarJob> skip(List<FarJob> added) {
    List<FarJob> skipped = new ArrayList<>();
    changing(
        () ->
            added.stream()
                .map(FarJob::line)
                .distinct()
                .map(lines::get)
                .filter(Objects::nonNull)
                .forEach(line -> line.surplus(most).forEach(job -> skip(line, job, skipped))));
    return skipped;
  }

  private void skip(FarLine line, FarJob job, List<FarJob> skipped) {
    List<FarGroup> without =
        groups.stream()
            .filter(group -> group.hasMember(job) && !line(group.line()).isCopying(group))
            .toList();
    without.forEach(group -> skip(line(group.line()), group, skipped));
    remove(line, job);
    skipped.add(job);
  }

  private void remove(FarLine line, FarJob job) {
    if (line.remove(job)) {
      size--;
      groups.remove(job);
      remember(job);
      groups.stream().map(group -> line(group.line())).distinct().forEach(this::makeReady);
    }
  }

  /** The next whose turn it is, until {@link #rest}; null when there is none now. */
  synchronized @Nullable FarJob next() {
    while (open) {
      FarLine line = ready.poll();
      if (line == null) {
        return null;
      }
      if (mayBegin(line)) {
        return line.begin();
      }
      line.rest();
      tidy(line);
    }
    return null;
  }

  /** Whether it is worth while to ask for the next. */
  synchronized boolean hasNext() {
    return open && !ready.isEmpty();
  }

  /** Takes one out that is done with; its line's turn is over. */
  void done(FarJob job) {
    changing(
        () -> {
          remove(line(job.line()), job);
          rest(job);
        });
  }

  private void remember(FarJob job) {
    ended.add(job);
    if (ended.size() > MOST_ENDED) {
      ended.remove();
    }
  }

  /** A job's turn is over, if it isn't yet; its line gets another one when there is more to do. */
  synchronized void rest(FarJob job) {
    FarLine line = lines.get(job.line());
    if (line != null && line.isTurnOf(job)) {
      line.rest();
      makeReady(line);
      tidy(line);
    }
  }

  /** Takes note of what the next save of a kernel tells. */
  synchronized void failed(FarJob job, Throwable failure) {
    line(job.line()).failed(job, failure);
  }

  /** What a save of a kernel should tell; empty when all is well. */
  synchronized List<String> notes(String kernelId) {
    if (!open && !startFailure.isEmpty()) {
      return List.of(
          "nothing is copied to the far tier yet, since it can't be found out what is missing there: "
              + startFailure);
    }
    FarLine line = lines.get(FarCheckpoint.lineOf(kernelId));
    return line == null ? List.of() : line.notes();
  }

  /** The far tier works again, or was told of. */
  synchronized void forgetFailures(FarJob job) {
    FarLine line = lines.get(job.line());
    if (line != null) {
      line.forgetFailures();
      tidy(line);
    }
  }

  /** Whether a checkpoint was not heard of, neither now nor a while ago. */
  synchronized boolean isNew(FarCheckpoint one) {
    return known(one.kernelId).noneMatch(job -> FarJob.ORDER.compare(job, one) == 0);
  }

  private Stream<FarJob> known(String kernelId) {
    return Stream.concat(
        jobs(kernelId),
        ended.stream().filter(job -> job.line().equals(FarCheckpoint.lineOf(kernelId))));
  }

  /** One that is still to be copied, or ended a while ago at most. */
  synchronized @Nullable FarJob find(SaveReceipt saved) {
    return known(saved.kernelId()).filter(job -> job.isOf(saved)).findFirst().orElse(null);
  }

  /** The same of a group. */
  synchronized @Nullable FarJob find(GroupReceipt saved) {
    return Stream.concat(groups.stream(), ended.stream())
        .filter(job -> job.isOf(saved))
        .findFirst()
        .orElse(null);
  }

  /**
   * Whether a checkpoint is still to be copied, or is a member of a group that is; all may be, as
   * long as that isn't known.
   */
  synchronized boolean mayHave(CheckpointInfo info) {
    FarCheckpoint own = FarCheckpoint.of(info, false);
    return !open
        || jobs(info.metadata().kernelId()).anyMatch(job -> job.isOf(info))
        || groups.stream().anyMatch(group -> group.hasMember(own));
  }

  private Stream<FarJob> jobs(String kernelId) {
    FarLine line = lines.get(FarCheckpoint.lineOf(kernelId));
    return line == null ? Stream.empty() : line.jobs();
  }

  /** How many are to be copied. */
  synchronized int size() {
    return size;
  }

  /** Whether nothing is to be copied, as far as can be known, or nothing will be. */
  synchronized boolean isSettled() {
    return closed || (open && size == 0);
  }

  /** Takes all out: nothing is copied any more. */
  List<FarJob> close() {
    List<FarJob> left = new ArrayList<>();
    changing(
        () -> {
          lines.values().forEach(line -> line.jobs().forEach(left::add));
          lines.clear();
          groups.clear();
          ready.clear();
          size = 0;
          open = false;
          closed = true;
        });
    return left;
  }
}
