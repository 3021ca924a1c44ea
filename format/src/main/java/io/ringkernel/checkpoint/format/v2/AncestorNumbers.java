package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.BlockReferences;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Numbers those ancestors that blocks really refer to, in the order of their first use. */
final class AncestorNumbers {
  private final List<Ancestor> known;
  private final Map<Integer, Integer> byIndex = new HashMap<>();
  private final Map<Ancestor, Integer> numbers = new LinkedHashMap<>();

  /**
   * @param references null: there are no ancestors
   */
  AncestorNumbers(@Nullable BlockReferences references) {
    this.known = references == null ? List.of() : references.ancestors();
  }

  /** The location as the file tells it. */
  BlockLocation renumber(BlockLocation foreign) {
    int number = byIndex.computeIfAbsent(foreign.ancestor(), index -> number(known.get(index)));
    return foreign.from(number);
  }

  /** Its number; one, also when it is known by several indices. */
  private int number(Ancestor ancestor) {
    int next = numbers.size();
    int number = numbers.computeIfAbsent(ancestor, first -> next);
    if (number == Layout.MAX_ANCESTORS) {
      throw new LimitExceededException(
          "ancestors", number + 1L, Layout.MAX_ANCESTORS, "write a full checkpoint");
    }
    return number;
  }

  /** Those that were referred to. */
  List<Ancestor> used() {
    return List.copyOf(numbers.keySet());
  }
}
