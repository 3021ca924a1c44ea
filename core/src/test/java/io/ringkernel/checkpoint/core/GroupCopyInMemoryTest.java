package io.ringkernel.checkpoint.core;

import java.nio.file.Path;
import java.util.UUID;

/** Groups copied into a store in memory. */
class GroupCopyInMemoryTest extends GroupCopyContract {
  @Override
  String targetUri(Path directory) {
    return "memory:" + UUID.randomUUID();
  }
}
