package io.ringkernel.checkpoint.storage.gcs;

import org.jspecify.annotations.Nullable;

/** The numbers that the service gives to what is saved, as versions in text. */
final class Generations {
  private Generations() {}

  /** The generation that a version stands for; null when no object can have it. */
  static @Nullable Long parse(String version) {
    try {
      long generation = Long.parseLong(version);
      boolean isOurs = generation > 0 && Long.toString(generation).equals(version);
      return isOurs ? generation : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
