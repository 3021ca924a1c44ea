package io.ringkernel.checkpoint.core;

import java.util.UUID;

/** Two tiers, the far one in a storage that hides what lies below another name. */
class TierIntoHidingTest extends TierContract {
  TierIntoHidingTest() {
    super("memory:" + UUID.randomUUID(), "hiding:" + UUID.randomUUID());
  }
}
