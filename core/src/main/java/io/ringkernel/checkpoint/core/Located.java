package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.IsGroupException;

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
    IsGroupException refusal() {
      return new IsGroupException(
          name, manifest.members().stream().map(GroupManifest.Member::kernelId).toList());
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
