package io.ringkernel.checkpoint.internal;

import java.util.Collection;
import java.util.stream.Collectors;

/** Names as a message lists them: {@code 'a', 'b' and 3 more}. */
public final class QuotedNames {
  private QuotedNames() {}

  /**
   * The list.
   *
   * @param names not yet escaped; empty gives nothing
   * @param most how many of them are named; of the others it is told how many there are
   */
  public static String of(Collection<String> names, int most) {
    String named =
        names.stream().limit(most).map(name -> "'" + name + "'").collect(Collectors.joining(", "));
    int more = names.size() - most;
    return more > 0 ? named + " and " + more + " more" : named;
  }

  /** All of them. */
  public static String of(Collection<String> names) {
    return of(names, names.size());
  }
}
