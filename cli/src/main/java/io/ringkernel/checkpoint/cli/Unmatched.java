package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.core.PruneReport;
import io.ringkernel.checkpoint.internal.QuotedNames;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Names in the rules of a pruning that no checkpoint has: such a rule keeps nothing. */
final class Unmatched {
  private static final int MOST_TOLD = 10;

  private Unmatched() {}

  /**
   * Says which there are, not yet escaped.
   *
   * @param reports of one pruning, at least one; what one of them knows is known
   */
  static Optional<String> of(List<PruneReport> reports) {
    SortedSet<String> keys = inAll(reports, PruneReport::unknownKeys);
    if (!keys.isEmpty()) {
      return Optional.of(
          "no checkpoint has a number in its custom entry '"
              + keys.first()
              + "', which --keep-best asks for");
    }
    SortedSet<String> tags = inAll(reports, PruneReport::unknownTags);
    return tags.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "no checkpoint has the tag '"
                + tags.first()
                + "', which --keep-tag asks for; "
                + present(reports));
  }

  private static SortedSet<String> inAll(
      List<PruneReport> reports, Function<PruneReport, List<String>> unknown) {
    SortedSet<String> all = new TreeSet<>(unknown.apply(reports.get(0)));
    reports.forEach(report -> all.retainAll(unknown.apply(report)));
    return all;
  }

  private static String present(List<PruneReport> reports) {
    SortedSet<String> tags =
        reports.stream()
            .flatMap(report -> report.decisions().stream())
            .flatMap(decision -> decision.checkpoint().tags().stream())
            .collect(Collectors.toCollection(TreeSet::new));
    return tags.isEmpty() ? "none has any tag" : "there are " + QuotedNames.of(tags, MOST_TOLD);
  }
}
