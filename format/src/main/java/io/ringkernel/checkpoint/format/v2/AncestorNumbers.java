package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.BlockReferences;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Numbers those ancestors that blocks really refer to, in the order of their first use. */
final class AncestorNumbers {
  private final List<Ancestor> known;
  private final Map<Integer, Integer> numbers = new HashMap<>();
  private final List<Ancestor> used = new ArrayList<>();

  /**
   * @param references null: there are no ancestors
   */
  AncestorNumbers(@Nullable BlockReferences references) {
    this.known = references == null ? List.of() : references.ancestors();
  }

  /** The location as the file tells it. */
  BlockLocation renumber(BlockLocation foreign) {
    Integer number = numbers.get(foreign.ancestor());
    if (number == null) {
      number = used.size();
      if (number == Layout.MAX_ANCESTORS) {
        throw new LimitExceededException(
            "ancestors", number + 1L, Layout.MAX_ANCESTORS, "write a full checkpoint");
      }
      used.add(known.get(foreign.ancestor()));
      numbers.put(foreign.ancestor(), number);
    }
    return foreign.from(number);
  }

  /** Those that were referred to. */
  List<Ancestor> used() {
    return used;
  }
}
