package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a group is saved, or joined; immutable. By default its name is made of the group and the time
 * of the cut, each kernel may take as long for each step as the checkpointer gives to a capture,
 * and all members are in this process.
 */
@CheckReturnValue
public final class GroupRequest {
  private final String group;
  private final @Nullable String name;
  private final boolean onlyIfAbsent;
  private final @Nullable Duration timeout;
  private final List<String> joining;
  private final Duration pollInterval;
  private final @Nullable StallBudget stallBudget;

  private GroupRequest(
      String group,
      @Nullable String name,
      boolean onlyIfAbsent,
      @Nullable Duration timeout,
      List<String> joining,
      Duration pollInterval,
      @Nullable StallBudget stallBudget) {
    this.group = group;
    this.name = name;
    this.onlyIfAbsent = onlyIfAbsent;
    this.timeout = timeout;
    this.joining = List.copyOf(joining);
    this.pollInterval = pollInterval;
    this.stallBudget = stallBudget;
  }

  /**
   * A group, named by the same text in all processes that take part.
   *
   * @param group any text without a lone surrogate
   */
  public static GroupRequest of(String group) {
    return new GroupRequest(
        Objects.requireNonNull(group), null, false, null, List.of(), Duration.ofMillis(50), null);
  }

  /**
   * The same, saved under a name of the caller's choice. What is there is replaced, unless {@link
   * #onlyIfAbsent} is set.
   *
   * @param chosen by the rules of {@link io.ringkernel.checkpoint.storage.StorageNames}, and not
   *     within {@code .rkcp/}; checked by the save, before any I/O
   */
  public GroupRequest named(String chosen) {
    return new GroupRequest(
        group,
        Objects.requireNonNull(chosen),
        onlyIfAbsent,
        timeout,
        joining,
        pollInterval,
        stallBudget);
  }

  /**
   * The same, but refused with {@link io.ringkernel.checkpoint.error.AlreadyExistsException} when
   * something is under its name.
   */
  public GroupRequest onlyIfAbsent() {
    return new GroupRequest(group, name, true, timeout, joining, pollInterval, stallBudget);
  }

  /**
   * The same with another time for each kernel.
   *
   * @param limit how long each may take to stop, to be captured, and to run on; longer than zero,
   *     and for members that join longer than a few of their polls
   */
  public GroupRequest timeout(Duration limit) {
    return new GroupRequest(
        group, name, onlyIfAbsent, countable(limit), joining, pollInterval, stallBudget);
  }

  /**
   * The same with members in other processes, which take part by {@link Groups#join}.
   *
   * @param kernelIds the kernels to wait for
   */
  public GroupRequest joinedBy(String... kernelIds) {
    List<String> all = new ArrayList<>(joining);
    all.addAll(List.of(kernelIds));
    return new GroupRequest(group, name, onlyIfAbsent, timeout, all, pollInterval, stallBudget);
  }

  /**
   * The same with another interval for polling the record where the processes meet. All kernels
   * stand still for a few of these intervals.
   *
   * @param interval longer than zero; 50 ms unless set
   */
  public GroupRequest pollInterval(Duration interval) {
    return new GroupRequest(
        group, name, onlyIfAbsent, timeout, joining, countable(interval), stallBudget);
  }

  /**
   * The same with another stall budget than the checkpointer's own, for each kernel of this
   * process. In a group a kernel also stands still while the others come to a stop.
   *
   * @param limit longer than zero
   * @param over what becomes of a group with a kernel that is over it
   */
  public GroupRequest stallBudget(Duration limit, OverBudget over) {
    return new GroupRequest(
        group, name, onlyIfAbsent, timeout, joining, pollInterval, new StallBudget(limit, over));
  }

  /** The stall budget; null for the checkpointer's own. */
  @Nullable StallBudget stallBudget() {
    return stallBudget;
  }

  private static Duration countable(Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException("it must be longer than zero, not " + Spans.words(value));
    }
    return Deadline.countable(value);
  }

  /** Which group. */
  public String group() {
    return group;
  }

  /** The chosen name; empty when one is made. */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** Whether a save is refused when something is under its name. */
  public boolean isOnlyIfAbsent() {
    return onlyIfAbsent;
  }

  /** How long each kernel may take for each step; empty for the checkpointer's own. */
  public Optional<Duration> timeout() {
    return Optional.ofNullable(timeout);
  }

  /** The kernels in other processes; immutable. */
  public List<String> joining() {
    return joining;
  }

  /** The interval for polling the record where the processes meet. */
  public Duration pollInterval() {
    return pollInterval;
  }
}
