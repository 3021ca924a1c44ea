package io.ringkernel.checkpoint.storage;

import io.ringkernel.checkpoint.error.ProviderUnavailableException;
import io.ringkernel.checkpoint.internal.Providers;
import java.util.Map;

/**
 * Opens storages by URI with whatever providers are installed.
 *
 * <p>A look-up that finds nothing says what is present and which artifact is missing; two providers
 * of one scheme are an error.
 */
public final class CheckpointStorages {
  private static final Map<String, String> ARTIFACTS =
      Map.of(
          "memory",
          "storage-memory",
          "file",
          "storage-file",
          "gs",
          "storage-gcs",
          "s3",
          "storage-s3");

  private CheckpointStorages() {}

  /**
   * The storage at a URI; the caller closes it.
   *
   * @param uri for example {@code "file:///var/lib/sim"}; see {@link StorageOptions}
   * @throws ProviderUnavailableException when no provider, or more than one, knows the scheme
   * @throws io.ringkernel.checkpoint.error.InvalidOptionException when the URI or a parameter is
   *     unusable
   */
  public static CheckpointStorage open(String uri) {
    StorageOptions options = StorageOptions.parse(uri);
    String scheme = options.scheme();
    Providers<CheckpointStorageProvider> providers =
        Providers.load(CheckpointStorageProvider.class);
    return providers
        .only(
            "storage scheme '" + scheme + "'",
            providers.names(CheckpointStorageProvider::scheme),
            provider -> provider.scheme().equals(scheme),
            ARTIFACTS.get(scheme),
            (message, cause) -> new ProviderUnavailableException(scheme, message, cause))
        .create(options);
  }
}
