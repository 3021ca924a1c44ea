package io.ringkernel.checkpoint.storage.gcs;

import com.google.api.services.storage.model.StorageObject;
import com.google.cloud.storage.BlobInfo;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.math.BigInteger;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object as the service tells of it.
 *
 * @param object what everybody sees of it
 * @param generation its number; {@link StoredObject#version} is its text
 * @param crc32c of its bytes, as the service writes it; null if it does not tell
 * @param nonce of the save that made it; null when somebody else made it
 */
record Found(
    StoredObject object, long generation, @Nullable String crc32c, @Nullable String nonce) {
  /**
   * The metadata key of the nonce. No attribute has a dot in its key, and none of ours may be taken
   * for one.
   */
  static final String NONCE = "rkcp.nonce";

  static Found of(String name, BlobInfo info) {
    Instant created =
        info.getCreateTimeOffsetDateTime() == null
            ? Instant.EPOCH
            : info.getCreateTimeOffsetDateTime().toInstant();
    return of(
        name,
        info.getSize() == null ? 0 : info.getSize(),
        info.getGeneration(),
        created,
        info.getMetadata(),
        info.getCrc32c());
  }

  /** From the answer to an upload; null when it lacks what an object has. */
  static @Nullable Found of(String name, StorageObject answer) {
    BigInteger size = answer.getSize();
    Long generation = answer.getGeneration();
    if (size == null || generation == null || answer.getTimeCreated() == null) {
      return null;
    }
    return of(
        name,
        size.longValueExact(),
        generation,
        Instant.ofEpochMilli(answer.getTimeCreated().getValue()),
        answer.getMetadata(),
        answer.getCrc32c());
  }

  private static Found of(
      String name,
      long size,
      long generation,
      Instant created,
      @Nullable Map<String, @Nullable String> metadata,
      @Nullable String crc32c) {
    Map<String, String> attributes = new HashMap<>();
    if (metadata != null) {
      metadata.forEach((key, value) -> attributes.put(key, value == null ? "" : value));
    }
    String nonce = attributes.remove(NONCE);
    StoredObject object =
        new StoredObject(name, size, Long.toString(generation), created, attributes);
    return new Found(object, generation, crc32c, nonce);
  }

  /** Refuses what is not the version that was meant. */
  static void requireVersion(String name, String expected, @Nullable Found present) {
    String found = present == null ? null : present.object().version();
    if (!expected.equals(found)) {
      throw new ChangedMeanwhileException(name, expected, found);
    }
  }
}
