package io.ringkernel.checkpoint.storage;

import java.time.Instant;
import java.util.Map;

/**
 * What a storage knows of one object.
 *
 * @param name where it is
 * @param size bytes
 * @param version distinguishes it from everything else that is or was under this name; opaque
 * @param lastModified when it was stored, by the storage's clock
 * @param attributes what was stored with it; empty without {@link StorageCapability#ATTRIBUTES}, or
 *     when listed without {@link StorageCapability#LISTS_ATTRIBUTES}; immutable
 */
public record StoredObject(
    String name, long size, String version, Instant lastModified, Map<String, String> attributes) {
  /** Copies {@code attributes}. */
  public StoredObject {
    attributes = Map.copyOf(attributes);
  }
}
