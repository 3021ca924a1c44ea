package io.ringkernel.checkpoint.core;

import java.util.UUID;

/** Groups copied into a storage that hides what lies below another name. */
class GroupCopyIntoHidingTest extends GroupCopyContract {
  GroupCopyIntoHidingTest() {
    super("hiding:" + UUID.randomUUID());
  }
}
