package io.ringkernel.checkpoint.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * What is to be copied to the far tier: for each kernel a line, in the order of its commits, and
 * for each group one of its cuts. A line's first is taken only when the line is not under way, that
 * of a group only when no member waits any more. Safe for several threads; nothing waits here.
 */
final class FarBacklog {
  private static final class Line {
    final String key;
    final TreeSet<FarJob> jobs = new TreeSet<>(FarJob.ORDER);
    boolean underWay;
    int reserved;
    @Nullable FarJob running;

    /** Whose turn it is, also while it waits to be tried again. */
    @Nullable FarJob turn;

    String lastFailure = "";
    int failures;

    Line(String key) {
      this.key = key;
    }

    boolean isIdle() {
      return jobs.isEmpty() && reserved == 0 && failures == 0 && !underWay;
    }
  }

  /** Of so many that ended it is known how, for those who ask late. */
  private static final int MOST_ENDED = 1024;

  private final int most;
  private final Map<String, Line> lines = new HashMap<>();
  private final Deque<String> ready = new ArrayDeque<>();
  private final Deque<FarJob> ended = new ArrayDeque<>();

  /** Those of the jobs that are of groups. */
  private final Set<FarJob> groups = new LinkedHashSet<>();

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
    startFailure = String.valueOf(failure.getMessage());
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

  private Line line(String key) {
    return lines.computeIfAbsent(key, Line::new);
  }

  private void tidy(Line line) {
    if (line.isIdle()) {
      lines.remove(line.key);
    }
  }

  /** Keeps a place for a save in the line of each of its kernels, unless one has none. */
  synchronized boolean reserve(Set<String> kernelIds) {
    boolean room = kernelIds.stream().map(FarJob::lineOf).map(lines::get).allMatch(this::hasRoom);
    if (room) {
      kernelIds.forEach(id -> line(FarJob.lineOf(id)).reserved++);
    }
    return room;
  }

  private boolean hasRoom(@Nullable Line line) {
    return line == null || line.jobs.size() + line.reserved < most;
  }

  /** The save has ended; its checkpoints have places of their own by now. */
  void release(Set<String> kernelIds) {
    changing(() -> kernelIds.forEach(this::releaseOne));
  }

  private void releaseOne(String kernelId) {
    Line line = line(FarJob.lineOf(kernelId));
    line.reserved--;
    tidy(line);
  }

  /** Adds those that are not there; a group together with its members, or after them. */
  synchronized void add(List<FarJob> jobs) {
    Set<Line> grown = new LinkedHashSet<>();
    for (FarJob job : jobs) {
      Line line = line(job.line());
      if (line.jobs.add(job)) {
        size++;
        grown.add(line);
        if (job.isGroup()) {
          groups.add(job);
        }
      }
    }
    grown.forEach(this::makeReady);
  }

  private void makeReady(Line line) {
    if (!line.underWay && !line.jobs.isEmpty() && !waitsForMembers(line.jobs.first())) {
      line.underWay = true;
      ready.add(line.key);
    }
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
                .forEach(line -> skip(line, skipped)));
    return skipped;
  }

  private void skip(Line line, List<FarJob> skipped) {
    for (FarJob job : List.copyOf(line.jobs)) {
      if (line.jobs.size() > most && job != line.running && job != line.jobs.last()) {
        skip(line, job, skipped);
      }
    }
  }

  private void skip(Line line, FarJob job, List<FarJob> skipped) {
    List<FarJob> without =
        groups.stream()
            .filter(group -> group.hasMember(job) && line(group.line()).running != group)
            .toList();
    without.forEach(group -> skip(line(group.line()), group, skipped));
    remove(line, job);
    skipped.add(job);
  }

  private void remove(Line line, FarJob job) {
    if (line.jobs.remove(job)) {
      size--;
      groups.remove(job);
      remember(job);
      groups.stream().map(group -> line(group.line())).distinct().forEach(this::makeReady);
    }
  }

  /** The first of a line that is not under way; its line is, until {@link #rest}. */
  synchronized @Nullable FarJob next() {
    while (open) {
      String key = ready.poll();
      if (key == null) {
        return null;
      }
      Line line = line(key);
      if (!line.jobs.isEmpty() && !waitsForMembers(line.jobs.first())) {
        line.running = line.jobs.first();
        line.turn = line.running;
        return line.running;
      }
      line.underWay = false;
      tidy(line);
    }
    return null;
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
    Line line = lines.get(job.line());
    if (line != null && line.turn == job) {
      line.turn = null;
      line.running = null;
      line.underWay = false;
      makeReady(line);
      tidy(line);
    }
  }

  /** Takes note of what the next save of a kernel tells. */
  synchronized void failed(FarJob job, Throwable failure) {
    Line line = line(job.line());
    line.running = null;
    line.failures++;
    line.lastFailure = String.valueOf(failure.getMessage());
  }

  /** What a save of a kernel should tell; empty when all is well. */
  synchronized List<String> notes(String kernelId) {
    Line line = lines.get(FarJob.lineOf(kernelId));
    if (!open && !startFailure.isEmpty()) {
      return List.of(
          "nothing is copied to the far tier yet, since it can't be found out what is missing there: "
              + startFailure);
    }
    if (line == null || line.failures == 0) {
      return List.of();
    }
    String note =
        line.jobs.size()
            + " checkpoints of this kernel wait for the far tier, which failed "
            + line.failures
            + " times, the last with: "
            + line.lastFailure;
    return List.of(note);
  }

  /** The far tier works again, or was told of. */
  synchronized void forgetFailures(FarJob job) {
    Line line = lines.get(job.line());
    if (line != null) {
      line.failures = 0;
      tidy(line);
    }
  }

  /** One that is still to be copied, or ended a while ago at most. */
  synchronized @Nullable FarJob find(SaveReceipt saved) {
    return Stream.concat(jobs(saved.kernelId()), ended.stream())
        .filter(job -> job.isOf(saved))
        .findFirst()
        .orElse(null);
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
    FarJob own = FarJob.of(info, false);
    return !open
        || jobs(info.metadata().kernelId()).anyMatch(job -> job.isOf(info))
        || groups.stream().anyMatch(group -> group.hasMember(own));
  }

  private Stream<FarJob> jobs(String kernelId) {
    Line line = lines.get(FarJob.lineOf(kernelId));
    return line == null ? Stream.empty() : line.jobs.stream();
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
          lines.values().forEach(line -> left.addAll(line.jobs));
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
