package io.ringkernel.checkpoint.core;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a save is compared with, so that it stores only what changed. If the base can't serve (it is
 * of version 1, or has another block size or fingerprint algorithm), the save is a full one, and
 * its receipt says why. Blocks of another kernel's checkpoint are never used.
 *
 * @param kind how it is chosen
 * @param name which checkpoint, with {@link Kind#NAMED}; else null
 */
public record BaseChoice(Kind kind, @Nullable String name) {
  /** How a base is chosen. */
  public enum Kind {
    /** The kernel's latest, unless the {@link FullPolicy} asks for a full one. */
    AUTOMATIC,
    /** None: everything is stored. */
    FULL,
    /** The kernel's latest, whatever the policy says; no base when there is none. */
    LATEST,
    /** A checkpoint of the caller's choice, whatever the policy says. */
    NAMED
  }

  private static final BaseChoice AUTOMATIC = new BaseChoice(Kind.AUTOMATIC, null);
  private static final BaseChoice FULL = new BaseChoice(Kind.FULL, null);
  private static final BaseChoice LATEST = new BaseChoice(Kind.LATEST, null);

  /**
   * @throws IllegalArgumentException when there is a name without {@link Kind#NAMED}, or none with
   *     it
   */
  public BaseChoice {
    Objects.requireNonNull(kind);
    if ((kind == Kind.NAMED) != (name != null)) {
      throw new IllegalArgumentException("base " + kind + " with the name " + name);
    }
  }

  /** The kernel's latest checkpoint, unless the policy asks for a full one. */
  public static BaseChoice automatic() {
    return AUTOMATIC;
  }

  /** None: everything is stored. */
  public static BaseChoice full() {
    return FULL;
  }

  /** The kernel's latest checkpoint, whatever the policy says. */
  public static BaseChoice latest() {
    return LATEST;
  }

  /**
   * A checkpoint of the same kernel.
   *
   * @param name a managed checkpoint; the save fails with {@link
   *     io.ringkernel.checkpoint.error.CheckpointNotFoundException} when there is none
   */
  public static BaseChoice named(String name) {
    return new BaseChoice(Kind.NAMED, name);
  }

  @Override
  public String toString() {
    return name == null ? kind.toString() : kind + " '" + name + "'";
  }
}
