package io.ringkernel.checkpoint.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Runs actors on one store in every order of their steps. A state that was reached before, in
 * another order, is not gone into again.
 */
final class Explorer {
  /** One course of events, from the beginning. */
  interface World {
    /** The events that can be next; none at the end. */
    List<Integer> enabled();

    /** Lets one of them happen. */
    void happen(int event);

    /** Equal for states from which the same can follow. */
    long fingerprint();

    /** Looks at the end whether all is well; what is wrong, or null. */
    String verdict();

    /** An event in words. */
    String words(int event);
  }

  /**
   * What was found.
   *
   * @param ends how many ends were looked at
   * @param states how many states there are
   * @param failure the events that lead to something wrong, or null
   */
  record Result(long ends, long states, String failure) {}

  private record Branch(List<Integer> before, int event, int preemptions) {}

  private final Supplier<World> beginning;
  private final int mostPreemptions;
  private final Set<Long> seen = new HashSet<>();
  private final Deque<Branch> branches = new ArrayDeque<>();
  private long ends;

  /**
   * @param beginning makes the same world each time
   * @param mostPreemptions how often an actor that could go on may be made to wait; all orders are
   *     those with any number
   */
  Explorer(Supplier<World> beginning, int mostPreemptions) {
    this.beginning = beginning;
    this.mostPreemptions = mostPreemptions;
  }

  /** Explores until something is wrong or nothing is left. */
  Result run() {
    String failure = follow(new ArrayList<>(), beginning.get(), 0);
    while (failure == null && !branches.isEmpty()) {
      Branch branch = branches.pop();
      World world = beginning.get();
      List<Integer> path = new ArrayList<>();
      for (int event : branch.before()) {
        world.happen(event);
        path.add(event);
      }
      world.happen(branch.event());
      path.add(branch.event());
      failure = follow(path, world, branch.preemptions());
    }
    return new Result(ends, seen.size(), failure);
  }

  private String follow(List<Integer> path, World world, int preemptions) {
    while (true) {
      List<Integer> enabled = world.enabled();
      if (enabled.isEmpty()) {
        ends++;
        String verdict = world.verdict();
        return verdict == null ? null : verdict + "\n" + told(path);
      }
      int last = path.isEmpty() ? enabled.get(0) : path.get(path.size() - 1);
      boolean couldGoOn = enabled.contains(last);
      if (!seen.add(key(world, last, preemptions))) {
        return null;
      }
      int next = couldGoOn ? last : enabled.get(0);
      List<Integer> before = List.copyOf(path);
      for (int event : enabled) {
        int cost = couldGoOn && event != last ? 1 : 0;
        if (event != next && preemptions + cost <= mostPreemptions) {
          branches.push(new Branch(before, event, preemptions + cost));
        }
      }
      world.happen(next);
      path.add(next);
    }
  }

  private long key(World world, int last, int preemptions) {
    long state = world.fingerprint();
    return mostPreemptions == Integer.MAX_VALUE
        ? state
        : Arrays.hashCode(new long[] {state, last, preemptions}) * 1_000_003L + state;
  }

  private String told(List<Integer> path) {
    World world = beginning.get();
    StringBuilder told = new StringBuilder();
    for (int event : path) {
      told.append("  ").append(world.words(event)).append('\n');
      world.happen(event);
    }
    return told.toString();
  }
}
