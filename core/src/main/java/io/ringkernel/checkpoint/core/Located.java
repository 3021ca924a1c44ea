package io.ringkernel.checkpoint.core;

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
   * A file under the name itself.
   *
   * @param name under which it was found
   * @param file as it was found there
   */
  record InPlace(String name, Slot.Bare file) implements Located {}
}
