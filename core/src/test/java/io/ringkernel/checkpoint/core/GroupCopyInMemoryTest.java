package io.ringkernel.checkpoint.core;

import java.util.UUID;

/** Groups copied into a store in memory. */
class GroupCopyInMemoryTest extends GroupCopyContract {
  GroupCopyInMemoryTest() {
    super("memory:" + UUID.randomUUID());
  }
}
