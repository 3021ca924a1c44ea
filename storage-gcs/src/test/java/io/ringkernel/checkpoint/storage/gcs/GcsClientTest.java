package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.cloud.ServiceOptions;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.StorageOptions;
import io.ringkernel.checkpoint.storage.gcs.server.Fault;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which server is asked, and on whose behalf. */
class GcsClientTest {
  private static final String NOBODY = "127.0.0.1:1";
  private static final GcsClient.CredentialsLookup NONE =
      () -> {
        throw new IOException("an emulator needs none");
      };

  private GcsServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = new GcsServer();
  }

  @AfterEach
  void stopServer() throws IOException {
    server.close();
  }

  @Test
  void asksTheEmulatorWithoutCredentials() {
    list("gs://bucket", Map.of(GcsClient.EMULATOR, server.url()), NONE);
    String withoutScheme = server.url().substring("http://".length());
    list("gs://bucket", Map.of(GcsClient.EMULATOR, withoutScheme), NONE);
    assertThat(server.requests()).containsExactly("GET list", "GET list");
    assertThat(server.authorizations()).isEmpty();
  }

  @Test
  void asksTheEndpointWithCredentialsAlsoWhereAnEmulatorIsNamed() {
    String uri = "gs://bucket?endpoint=" + server.url();
    list(uri, Map.of(GcsClient.EMULATOR, NOBODY), Tokens::new);
    list(uri, Map.of(GcsClient.EMULATOR, ""), Tokens::new);
    assertThat(server.requests()).containsExactly("GET list", "GET list");
    assertThat(server.authorizations()).containsExactly("Bearer token-1", "Bearer token-1");
  }

  @Test
  void renewsATokenThatIsRefused() {
    Tokens tokens = new Tokens();
    server.breakBy(request -> server.authorizations().size() == 1 ? Fault.STALE_TOKEN : null);
    list("gs://bucket?endpoint=" + server.url(), Map.of(), () -> tokens);
    assertThat(server.requests()).containsExactly("GET list", "GET list");
    assertThat(server.authorizations()).containsExactly("Bearer token-1", "Bearer token-2");
  }

  @Test
  void tellsThatThereAreNoCredentialsAndLooksForThemAgain() {
    AtomicInteger looks = new AtomicInteger();
    GcsClient.CredentialsLookup second =
        () -> {
          if (looks.incrementAndGet() == 1) {
            throw new IOException("they are not there yet");
          }
          return new Tokens();
        };
    GcsStorage storage = open("gs://bucket?endpoint=" + server.url(), Map.of(), second);
    assertThatThrownBy(() -> storage.stat("a").block(Patience.LIMIT))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("GOOGLE_APPLICATION_CREDENTIALS")
        .hasMessageContaining("not there yet");
    assertThat(server.requests()).isEmpty();
    assertThat(storage.exists("a").block(Patience.LIMIT)).isFalse();
    assertThat(server.requests()).containsExactly("GET object");
    assertThat(server.authorizations()).containsExactly("Bearer token-1");
    storage.close().block(Patience.LIMIT);
  }

  private static GcsStorage open(
      String uri, Map<String, String> environment, GcsClient.CredentialsLookup credentials) {
    GcsOptions options = GcsOptions.parse(StorageOptions.parse(uri));
    GcsClient.Settings settings =
        new GcsClient.Settings(
            environment, credentials, ServiceOptions.getDefaultRetrySettings(), 20_000);
    return new GcsStorage(options, new GcsClient(options, settings));
  }

  private static void list(
      String uri, Map<String, String> environment, GcsClient.CredentialsLookup credentials) {
    GcsStorage storage = open(uri, environment, credentials);
    assertThat(storage.list("").collectList().block(Patience.LIMIT)).isEmpty();
    storage.close().block(Patience.LIMIT);
  }
}
