package io.ringkernel.checkpoint.storage.gcs;

import com.google.api.gax.retrying.RetrySettings;
import com.google.auth.Credentials;
import com.google.cloud.NoCredentials;
import com.google.cloud.ServiceOptions;
import com.google.cloud.http.HttpTransportOptions;
import com.google.cloud.storage.HttpStorageOptions;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.StorageOptions;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Google's client, made when it is first needed: finding credentials may read files or ask a
 * server.
 */
final class GcsClient {
  /** Where tests and people run a server of their own, by the convention of Google's clients. */
  static final String EMULATOR = "STORAGE_EMULATOR_HOST";

  /** No object request names a project, and finding the default one may ask a server. */
  private static final String NO_PROJECT = "none";

  /**
   * What comes from outside of the store's URI.
   *
   * @param environment variables
   * @param credentials null for the application default credentials
   * @param retry how often and how long to try again
   * @param timeoutMillis how long to wait for a connection, and for each next byte
   */
  record Settings(
      Map<String, String> environment,
      @Nullable Credentials credentials,
      RetrySettings retry,
      int timeoutMillis) {
    static Settings standard() {
      return new Settings(System.getenv(), null, ServiceOptions.getDefaultRetrySettings(), 20_000);
    }
  }

  private final GcsOptions options;
  private final Settings settings;

  // Guarded by this; only threads that may block come here.
  private @Nullable Connections connections;
  private @Nullable Storage storage;

  GcsClient(GcsOptions options, Settings settings) {
    this.options = options;
    this.settings = settings;
  }

  /** The client. Blocks for the first caller, and for those who come meanwhile. */
  synchronized Storage storage() {
    Storage made = storage;
    if (made == null) {
      Connections own = new Connections();
      made = build(own);
      connections = own;
      storage = made;
    }
    return made;
  }

  private Storage build(Connections own) {
    HttpTransportOptions transport =
        HttpTransportOptions.newBuilder()
            .setHttpTransportFactory(own::transport)
            .setConnectTimeout(settings.timeoutMillis())
            .setReadTimeout(settings.timeoutMillis())
            .build();
    HttpStorageOptions.Builder builder = StorageOptions.http();
    builder
        .setTransportOptions(transport)
        .setStorageRetryStrategy(new RetryRule())
        .setRetrySettings(settings.retry())
        .setProjectId(NO_PROJECT);
    String emulator = settings.environment().get(EMULATOR);
    if (options.endpoint() != null) {
      builder.setHost(options.endpoint());
    } else if (emulator != null && !emulator.isEmpty()) {
      builder.setHost(emulator.contains("://") ? emulator : "http://" + emulator);
      builder.setCredentials(NoCredentials.getInstance());
    }
    if (settings.credentials() != null) {
      builder.setCredentials(settings.credentials());
    }
    return builder.build().getService();
  }

  /** Connections that a request or an unread response holds. */
  synchronized int connectionsInUse() {
    return connections == null ? 0 : connections.inUse();
  }

  /** Gives everything back; nothing may be asked of it afterwards. */
  synchronized void close() {
    try {
      if (storage != null) {
        storage.close();
      }
      if (connections != null) {
        connections.close();
      }
    } catch (Exception e) {
      // Nothing is under way any more: no failure here has a consequence.
      storage = null;
    }
  }
}
