package io.ringkernel.checkpoint.core;

import java.nio.file.Path;
import java.util.UUID;

/** Two tiers, the near one in memory. */
class TierInMemoryTest extends TierContract {
  @Override
  String nearUri(Path directory) {
    return "memory:" + UUID.randomUUID();
  }
}
