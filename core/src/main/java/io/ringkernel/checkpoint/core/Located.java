package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointNotFoundException;

/** A checkpoint's name, resolved to what holds its bytes. */
sealed interface Located {
  /** Under which name it was found. */
  String name();

  /**
   * An object of the engine's.
   *
   * @param name under which it was found
   * @param entry that says which object it is
   */
  record InObject(String name, Entry entry) implements Located {}

  /**
   * A group, which is not opened itself: its members are.
   *
   * @param name under which it was found
   * @param manifest that says which they are
   */
  record Group(String name, GroupManifest manifest) implements Located {
    /** What is said to those who want one checkpoint. */
    CheckpointNotFoundException refusal() {
      String kernels =
          String.join(
              ", ", manifest.members().stream().map(GroupManifest.Member::kernelId).toList());
      return new CheckpointNotFoundException(
          name,
          "it is a group of these kernels: "
              + kernels
              + "; use groups(), or on the command line --member, or one member's own checkpoint");
    }
  }

  /**
   * A file under the name itself.
   *
   * @param name under which it was found
   * @param file as it was found there
   */
  record InPlace(String name, Slot.Bare file) implements Located {}
}
