package io.ringkernel.checkpoint.storage.gcs;

import com.google.auth.oauth2.GoogleCredentials;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorageProvider;
import io.ringkernel.checkpoint.storage.StorageOptions;

/**
 * The provider of {@code gs:}, which opens a bucket, or a prefix in it, as a store: {@code
 * gs://bucket} or {@code gs://bucket/some/prefix}. The bucket must exist.
 *
 * <p>Credentials are the application default credentials, as with every program that uses Google's
 * client; {@link GcsStorages} takes a program's own credentials. If {@code STORAGE_EMULATOR_HOST}
 * is set in the environment, that server is used instead, without credentials.
 *
 * <p>Parameters, all optional:
 *
 * <ul>
 *   <li>{@code part-size}: bytes sent with one request of a large save, as {@code 16MiB} (the
 *       default), {@code 256KiB} or plain bytes; a multiple of 256 KiB, at most 256 MiB. A save
 *       holds one part in memory, and at most 8 MiB of buffers that wait to enter it.
 *   <li>{@code endpoint}: another address of the service, as {@code https://host}.
 *   <li>{@code user-project}: the project that pays, for buckets where the requester does.
 * </ul>
 */
public final class GcsStorageProvider implements CheckpointStorageProvider {
  static final String SCHEME = "gs";

  /** For {@link java.util.ServiceLoader}. */
  public GcsStorageProvider() {}

  @Override
  public String scheme() {
    return SCHEME;
  }

  @Override
  public CheckpointStorage create(StorageOptions options) {
    GcsOptions own = GcsOptions.parse(options);
    return new GcsStorage(
        own, new GcsClient(own, GcsClient.Settings.with(GoogleCredentials::getApplicationDefault)));
  }
}
