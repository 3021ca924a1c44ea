package io.ringkernel.checkpoint.storage.s3;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What goes wrong, and with which request. */
final class Faults {
  /** One way for a request to go wrong. */
  sealed interface Fault {
    /** Not done, and said so. */
    record Refused(int status, String code) implements Fault {}

    /** Not done: the connection is reset after some bytes of the request's body. */
    record ResetInRequest(long bytes) implements Fault {}

    /** Done, and the connection is reset after some bytes of the answer's body. */
    record ResetInAnswer(long bytes) implements Fault {}

    /** Done, and the connection ends in order, but after some bytes of the answer's body. */
    record Truncated(long bytes) implements Fault {}

    /** Done, but the connection is reset without an answer. */
    record LostAnswer() implements Fault {}

    /** Not done, and nothing is answered until the client is gone. */
    record Silent() implements Fault {}

    /** Done, and the answer comes piece by piece. */
    record Slow() implements Fault {}

    /** Done for the whole object, as HTTP allows a server to that is asked for a range. */
    record Unranged() implements Fault {}
  }

  private record Planned(S3Operation operation, int first, int last, Fault fault) {}

  private final List<Planned> planned = new ArrayList<>();
  private final Map<S3Operation, Integer> seen = new EnumMap<>(S3Operation.class);

  /** The next requests of a kind, or, further on, those from a number on, counted from 1. */
  synchronized void inject(S3Operation operation, int first, int times, Fault fault) {
    seen.clear();
    planned.add(new Planned(operation, first, first + times - 1, fault));
  }

  synchronized void clear() {
    planned.clear();
  }

  /** How often a kind was asked for since the last fault was planned. */
  synchronized int seen(S3Operation operation) {
    return seen.getOrDefault(operation, 0);
  }

  /** How often all kinds were asked for, and counts anew from here. */
  synchronized Map<S3Operation, Integer> takeCounts() {
    Map<S3Operation, Integer> counts = new EnumMap<>(S3Operation.class);
    counts.putAll(seen);
    seen.clear();
    return counts;
  }

  /** The fault of a request that came in, or null. */
  synchronized Fault next(S3Operation operation) {
    int number = seen.merge(operation, 1, Integer::sum);
    return planned.stream()
        .filter(
            each ->
                each.operation() == operation && number >= each.first() && number <= each.last())
        .map(Planned::fault)
        .findFirst()
        .orElse(null);
  }
}
