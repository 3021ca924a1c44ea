package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * What a response tells of an object.
 *
 * @param object as callers see it
 * @param version taken apart
 * @param crc32c of the whole object in base64, or null when the service has none
 */
record ObjectState(StoredObject object, ObjectVersion version, @Nullable String crc32c) {
  static ObjectState of(String name, HeadObjectResponse response) {
    return of(
        name,
        response.contentLength(),
        response.eTag(),
        response.lastModified(),
        response.metadata(),
        whole(response.checksumCRC32C(), response.checksumType()));
  }

  /**
   * @param size of the whole object
   */
  static ObjectState of(String name, long size, GetObjectResponse response) {
    return of(
        name,
        size,
        response.eTag(),
        response.lastModified(),
        response.metadata(),
        whole(response.checksumCRC32C(), response.checksumType()));
  }

  private static ObjectState of(
      String name,
      long size,
      String etag,
      Instant lastModified,
      Map<String, String> metadata,
      @Nullable String crc32c) {
    ObjectVersion version = ObjectVersion.of(etag, metadata, lastModified);
    return new ObjectState(
        new StoredObject(
            name, size, version.toString(), lastModified, Metadata.attributesOf(metadata)),
        version,
        crc32c);
  }

  /** A checksum of the parts' checksums says nothing about bytes that are read as a whole. */
  private static @Nullable String whole(@Nullable String crc32c, @Nullable ChecksumType type) {
    boolean isComposite =
        type == ChecksumType.COMPOSITE || (crc32c != null && crc32c.contains("-"));
    return isComposite ? null : crc32c;
  }

  /**
   * This, if it is the version that the caller means.
   *
   * @param expected the version, or null for any
   */
  ObjectState requireVersion(@Nullable String expected) {
    if (expected != null && !expected.equals(object.version())) {
      throw new ChangedMeanwhileException(object.name(), expected, object.version());
    }
    return this;
  }
}
