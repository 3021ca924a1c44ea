package io.ringkernel.checkpoint.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The order of a kernel's checkpoints when the numbers of their commits don't tell it: by when they
 * were created, which each save notes. Time, step and number decide where two tell the same, and an
 * import stands below the commit that it is a copy of.
 */
final class CreationOrder {
  private static final Comparator<Entry> ORDER =
      Comparator.comparing((Entry one) -> one.metadata().createdAtMicros(), Long::compareUnsigned)
          .thenComparing(one -> one.metadata(), Newest.CAPTURED)
          .thenComparing(one -> !one.mark().imported())
          .thenComparing(one -> one.mark().sequence(), Long::compareUnsigned);

  private final List<UserNames.Named> renumbered = new ArrayList<>();
  private long last;
  private long next;

  private CreationOrder(long above) {
    this.next = above;
  }

  /**
   * The checkpoints that need another number, with it. The oldest keep theirs, as long as these
   * tell the same: what was saved since a head was lost gets new ones, which nothing else quotes.
   *
   * @param entries by their names
   * @param above all numbers that anything may quote; unsigned
   * @return the newest first
   */
  static List<UserNames.Named> renumbered(Map<String, Slot.Managed> entries, long above) {
    CreationOrder order = new CreationOrder(above);
    entries.entrySet().stream()
        .sorted(
            Map.Entry.<String, Slot.Managed>comparingByValue(
                    Comparator.comparing(Slot.Managed::entry, ORDER))
                .thenComparing(Map.Entry::getKey, Newest.UTF8_ORDER))
        .forEach(one -> order.add(one.getKey(), one.getValue()));
    return order.renumbered;
  }

  /** Whether the numbers of commits are in this order. */
  static boolean isToldByNumbers(Collection<Slot.Managed> entries) {
    List<Long> numbers =
        entries.stream()
            .map(Slot.Managed::entry)
            .filter(entry -> !entry.mark().imported())
            .sorted(ORDER)
            .map(entry -> entry.mark().sequence())
            .toList();
    return numbers.stream().sorted(Long::compareUnsigned).toList().equals(numbers);
  }

  private void add(String name, Slot.Managed slot) {
    CommitMark mark = slot.entry().mark();
    long sequence = mark.imported() ? ofImport(mark.sequence()) : ofCommit(mark.sequence());
    if (sequence != mark.sequence()) {
      CommitMark other = new CommitMark(sequence, mark.epoch(), mark.nonce(), mark.imported());
      renumbered.add(
          0,
          new UserNames.Named(
              name, new Slot.Managed(slot.version(), slot.entry().withMark(other))));
    }
  }

  private long ofCommit(long sequence) {
    last = Long.compareUnsigned(sequence, last) > 0 ? sequence : ++next;
    return last;
  }

  /** It has no number of its own: it stands above the last commit before it. */
  private long ofImport(long sequence) {
    return CommitMark.higher(sequence, last);
  }
}
