package io.ringkernel.checkpoint.storage.gcs;

import com.google.auth.Credentials;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StorageOptions;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Stores in Google Cloud Storage for programs that have credentials of their own: those of a
 * framework, an impersonated account.
 */
public final class GcsStorages {
  private GcsStorages() {}

  /**
   * A store, as {@link io.ringkernel.checkpoint.storage.CheckpointStorages#open} opens it, but with
   * credentials of the caller instead of the application default credentials.
   *
   * <p>The supplier is called once, with the first request, on a thread of the storage's own. It
   * may block there; other requests wait meanwhile. Scopes are added to credentials that need some.
   * If the supplier throws or gives null, the request fails with a {@link
   * io.ringkernel.checkpoint.error.StorageException} that names the bucket and has the failure as
   * its cause. The next request calls it again. What the credentials hold is never closed.
   *
   * <p>The credentials are sent to the service, or to the {@code endpoint} of the URI. If there is
   * no {@code endpoint} and {@code STORAGE_EMULATOR_HOST} is set in the environment, requests go to
   * that server, without credentials, and the supplier is not called: a server that a variable
   * names must not get a real token.
   *
   * @param uri {@code gs://bucket/prefix}, with the parameters of {@link GcsStorageProvider}
   * @param credentials for example {@code () -> credentials}
   * @return a storage; the caller closes it, after any {@code Checkpointer} that was built on it
   * @throws InvalidOptionException for another scheme, or a location or parameter that can't be
   *     used
   */
  public static CheckpointStorage open(String uri, Supplier<? extends Credentials> credentials) {
    Objects.requireNonNull(credentials, "credentials");
    StorageOptions options = StorageOptions.parse(uri);
    if (!options.scheme().equals(GcsStorageProvider.SCHEME)) {
      throw new InvalidOptionException(
          "store",
          "'" + options.scheme() + ":' is another storage's; write it as gs://bucket/prefix",
          null);
    }
    GcsOptions own = GcsOptions.parse(options);
    GcsClient.CredentialsLookup lookup = new GivenCredentials(own.bucket(), credentials);
    return new GcsStorage(own, new GcsClient(own, GcsClient.Settings.with(lookup)));
  }
}
