package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.Spans;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/** What is told of pins. There may be thousands of one kernel, which are told of in one note. */
final class PinNotes {
  /** Pins that were stamped in a time that is yet to come: how many, and the furthest. */
  private record Ahead(int count, String name, Instant stamp, Duration by, Duration lease) {
    Ahead and(Ahead other) {
      Ahead further = by.compareTo(other.by) >= 0 ? this : other;
      return new Ahead(count + other.count, further.name, further.stamp, further.by, further.lease);
    }

    String note(String subject) {
      String more = count == 1 ? " of a save of " : " (and " + (count - 1) + " more) of saves of ";
      return "pin '"
          + name
          + "'"
          + more
          + subject
          + " is stamped "
          + stamp
          + ", "
          + Spans.words(by)
          + " ahead of the storage's time: a collection begins its lease of "
          + Spans.words(lease)
          + " anew; collect again when that is over";
    }
  }

  private final Map<String, Integer> lapsed = new ConcurrentSkipListMap<>();
  private final Map<String, Ahead> ahead = new ConcurrentSkipListMap<>();

  /** A pin was ended. */
  void lapsed(PinRecord pin) {
    lapsed.merge(pin.subject(), 1, Integer::sum);
  }

  /**
   * A pin's stamp is not believed.
   *
   * @param name where it lies
   * @param now the storage's time
   */
  void ahead(PinRecord pin, String name, Instant stamp, Instant now) {
    Duration by = Duration.ofSeconds(Duration.between(now, stamp).toSeconds());
    ahead.merge(pin.subject(), new Ahead(1, name, stamp, by, pin.lease()), Ahead::and);
  }

  Stream<String> told() {
    Stream<String> ended =
        lapsed.entrySet().stream()
            .map(
                one ->
                    one.getValue() == 1
                        ? "the lease of a save of " + one.getKey() + " is over"
                        : "the leases of "
                            + one.getValue()
                            + " saves of "
                            + one.getKey()
                            + " are over");
    return Stream.concat(
        ended, ahead.entrySet().stream().map(one -> one.getValue().note(one.getKey())));
  }
}
