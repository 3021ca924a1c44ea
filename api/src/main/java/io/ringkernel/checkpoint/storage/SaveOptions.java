package io.ringkernel.checkpoint.storage;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The condition of a save, and what to store beside the bytes; immutable. */
public final class SaveOptions {
  private static final SaveOptions REPLACE = new SaveOptions(false, null, Map.of());
  private static final SaveOptions ABSENT = new SaveOptions(true, null, Map.of());

  private final boolean onlyIfAbsent;
  private final @Nullable String expectedVersion;
  private final Map<String, String> attributes;

  private SaveOptions(
      boolean onlyIfAbsent, @Nullable String expectedVersion, Map<String, String> attributes) {
    this.onlyIfAbsent = onlyIfAbsent;
    this.expectedVersion = expectedVersion;
    this.attributes = attributes;
  }

  /** Whatever is there is replaced. */
  public static SaveOptions replace() {
    return REPLACE;
  }

  /**
   * Refused with {@link io.ringkernel.checkpoint.error.AlreadyExistsException} when something is
   * there.
   */
  public static SaveOptions onlyIfAbsent() {
    return ABSENT;
  }

  /**
   * Refused with {@link io.ringkernel.checkpoint.error.ChangedMeanwhileException} unless exactly
   * this version is there.
   *
   * @param version as in {@link StoredObject#version}
   */
  public static SaveOptions onlyIfVersion(String version) {
    return new SaveOptions(false, version, Map.of());
  }

  /**
   * The same condition, with attributes that a storage with {@link StorageCapability#ATTRIBUTES}
   * keeps.
   *
   * @param values a few short texts; keys of lower-case letters, digits and hyphens
   */
  public SaveOptions withAttributes(Map<String, String> values) {
    return new SaveOptions(onlyIfAbsent, expectedVersion, Map.copyOf(values));
  }

  /** Whether the save is refused when something is there. */
  public boolean isOnlyIfAbsent() {
    return onlyIfAbsent;
  }

  /** The version that must be there, if one must. */
  public Optional<String> expectedVersion() {
    return Optional.ofNullable(expectedVersion);
  }

  /** What to store beside the bytes; immutable. */
  public Map<String, String> attributes() {
    return attributes;
  }
}
