package io.ringkernel.checkpoint.storage.gcs;

import com.google.api.gax.retrying.RetrySettings;
import com.google.auth.Credentials;
import com.google.cloud.NoCredentials;
import com.google.cloud.ServiceOptions;
import com.google.cloud.http.HttpTransportOptions;
import com.google.cloud.storage.HttpStorageOptions;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.StorageOptions;
import io.ringkernel.checkpoint.error.StorageException;
import java.io.IOException;
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

  /** Finds credentials; may read files, or ask a server. */
  @FunctionalInterface
  interface CredentialsLookup {
    Credentials find() throws IOException;
  }

  /**
   * What comes from outside of the store's URI.
   *
   * @param environment variables
   * @param credentials where they come from, unless an emulator is asked
   * @param retry how often and how long to try again
   * @param timeoutMillis how long to wait for a connection, and for each next byte
   */
  record Settings(
      Map<String, String> environment,
      CredentialsLookup credentials,
      RetrySettings retry,
      int timeoutMillis) {
    /**
     * As a program has it, with these credentials. Of a server that takes connections and answers
     * nothing it is told after two timeouts.
     */
    static Settings with(CredentialsLookup credentials) {
      return new Settings(
          System.getenv(), credentials, ServiceOptions.getDefaultRetrySettings(), 15_000);
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
      Credentials credentials = credentials();
      if (connections == null) {
        connections = new Connections();
      }
      made = build(connections, credentials);
      storage = made;
    }
    return made;
  }

  private Storage build(Connections own, Credentials credentials) {
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
    if (options.endpoint() != null) {
      builder.setHost(options.endpoint());
    } else if (isEmulated()) {
      builder.setHost(emulator().contains("://") ? emulator() : "http://" + emulator());
    }
    builder.setCredentials(credentials);
    return builder.build().getService();
  }

  /**
   * Looked up here, and not by the client: it would go on without any when that fails, for good,
   * and be refused everything.
   */
  private Credentials credentials() {
    if (isEmulated()) {
      return NoCredentials.getInstance();
    }
    try {
      return settings.credentials().find();
    } catch (IOException e) {
      throw new StorageException(
          "no credentials for the bucket '"
              + options.bucket()
              + "': set GOOGLE_APPLICATION_CREDENTIALS, or log in with"
              + " gcloud auth application-default login; "
              + e.getMessage(),
          false,
          e);
    }
  }

  private boolean isEmulated() {
    return options.endpoint() == null && !emulator().isEmpty();
  }

  private String emulator() {
    return settings.environment().getOrDefault(EMULATOR, "");
  }

  /** Connections that a request or an unread response holds. */
  synchronized int connectionsInUse() {
    return connections == null ? 0 : connections.inUse();
  }

  /** Gives everything back; nothing may be asked of it afterwards. */
  synchronized void close() {
    close(storage);
    close(connections);
  }

  private static void close(@Nullable AutoCloseable part) {
    try {
      if (part != null) {
        part.close();
      }
    } catch (Exception e) {
      // Nothing is under way any more: no failure here has a consequence.
    }
  }
}
