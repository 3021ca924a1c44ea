package io.ringkernel.checkpoint.core;

import java.util.UUID;

/** Two tiers, the near one in memory. */
class TierInMemoryTest extends TierContract {
  TierInMemoryTest() {
    super("memory:" + UUID.randomUUID());
  }
}
