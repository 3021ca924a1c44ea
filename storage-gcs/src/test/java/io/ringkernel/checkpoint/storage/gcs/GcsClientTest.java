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
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
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

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private GcsServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = new GcsServer();
    server.breakBy(
        request -> {
          asked.add(request);
          return null;
        });
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
    assertThat(asked).containsExactly("GET list", "GET list");
  }

  @Test
  void asksTheEndpointWithCredentialsAlsoWhereAnEmulatorIsNamed() {
    String uri = "gs://bucket?endpoint=" + server.url();
    list(uri, Map.of(GcsClient.EMULATOR, NOBODY), Tokens::new);
    list(uri, Map.of(GcsClient.EMULATOR, ""), Tokens::new);
    assertThat(asked).containsExactly("GET list token", "GET list token");
  }

  @Test
  void renewsATokenThatIsRefused() {
    Tokens tokens = new Tokens();
    server.breakBy(
        request -> {
          asked.add(request);
          return asked.size() == 1 ? Fault.STALE_TOKEN : null;
        });
    list("gs://bucket?endpoint=" + server.url(), Map.of(), () -> tokens);
    assertThat(asked).containsExactly("GET list token", "GET list token");
    assertThat(tokens.made()).isEqualTo(2);
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
    assertThat(asked).isEmpty();
    assertThat(storage.exists("a").block(Patience.LIMIT)).isFalse();
    assertThat(asked).containsExactly("GET object token");
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
