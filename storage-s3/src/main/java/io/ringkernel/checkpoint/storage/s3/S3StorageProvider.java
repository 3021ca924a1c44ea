package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorageProvider;
import io.ringkernel.checkpoint.storage.StorageOptions;

/**
 * The provider of {@code s3:}, which opens part of a bucket as a store: {@code s3://bucket/prefix}.
 *
 * <p>Region and credentials are found as in every program with the AWS SDK: in the environment, the
 * shared configuration files, and the roles of a container or machine. Credentials in the URI are
 * refused; {@link S3Storages} takes a program's own credentials. Parameters, all of them optional:
 *
 * <ul>
 *   <li>{@code region}: for example {@code eu-central-1}; otherwise by the AWS chain.
 *   <li>{@code endpoint}: the URL of a compatible store, for example {@code http://minio:9000}.
 *   <li>{@code path-style}: {@code true} for {@code /bucket/key} instead of {@code bucket.host};
 *       the default when an endpoint is given.
 *   <li>{@code memory}: MiB that one save may hold while it uploads, 8 to 65536, default 64.
 *   <li>{@code part-size}: MiB of the smallest part of a large object, 5 to 5120, default 8.
 *   <li>{@code checksums}: {@code false} for stores that don't support CRC32C.
 *   <li>{@code conditional-delete}: whether the store honours {@code If-Match} on deletes. Amazon's
 *       does, MinIO ignores it. By default it is sent, and relied on only if no endpoint is given,
 *       be it here, in {@code AWS_ENDPOINT_URL} or the like. {@code false} is for stores that
 *       refuse it. If it is not relied on, the engine removes what is under a name in two steps.
 *   <li>{@code nested-names}: whether the store lists {@code a/b} also while there is an {@code a}.
 *       Amazon's does, MinIO does not. The default is {@code false} if an endpoint is given, be it
 *       here, in {@code AWS_ENDPOINT_URL} or the like. Without it, the engine gives no such names.
 * </ul>
 */
public final class S3StorageProvider implements CheckpointStorageProvider {
  static final String SCHEME = "s3";

  /** For {@link java.util.ServiceLoader}. */
  public S3StorageProvider() {}

  @Override
  public String scheme() {
    return SCHEME;
  }

  @Override
  public CheckpointStorage create(StorageOptions options) {
    return new S3Storage(S3Options.parse(options));
  }
}
