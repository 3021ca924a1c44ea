package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageOptions;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;

class FailuresTest {
  private final Failures failures =
      new Failures(
          GcsOptions.parse(StorageOptions.parse("gs://my-bucket?endpoint=http://there:1")));

  @ParameterizedTest
  @CsvSource({
    "400, as it is, false",
    "401, GOOGLE_APPLICATION_CREDENTIALS, false",
    "403, Storage Object User, false",
    "404, create the bucket with gcloud storage buckets create gs://my-bucket, false",
    "408, try again, true",
    "410, save again, false",
    "429, wait, true",
    "500, try again, true",
    "503, try again, true",
    "507, check, false"
  })
  void saysWhatTheServiceSaidAndWhatToDo(int code, String advice, boolean isTransient) {
    Throwable cause = new com.google.cloud.storage.StorageException(code, "for some reason");
    Throwable told = failures.of("sim/a", cause);
    assertThat(told)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("'sim/a'")
        .hasMessageContaining("the bucket 'my-bucket' at http://there:1")
        .hasMessageContaining(code + " for some reason")
        .hasMessageContaining(advice)
        .hasCause(cause);
    assertThat(((StorageException) told).isTransient()).isEqualTo(isTransient);
  }

  @Test
  void tellsConnectionsThatMayComeBackFromThoseThatWont() {
    assertThat(isTransient(new ConnectException("refused"))).isTrue();
    assertThat(isTransient(new IOException("cut off"))).isTrue();
    assertThat(isTransient(new SSLHandshakeException("no trust"))).isFalse();
  }

  private boolean isTransient(IOException failure) {
    com.google.cloud.storage.StorageException wrapped =
        new com.google.cloud.storage.StorageException(failure);
    return ((StorageException) failures.of("a", wrapped)).isTransient()
        && ((StorageException) failures.of("a", failure)).isTransient();
  }

  @Test
  void tellsSoonOfAServerThatTakesConnectionsAndAnswersNothing() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String url = "http://127.0.0.1:" + server.getLocalPort();
      Queue<Socket> connections = new ConcurrentLinkedQueue<>();
      Thread accepting = new Thread(() -> accept(server, connections));
      accepting.setDaemon(true);
      accepting.start();
      GcsStorage storage = StoreUnderTest.open(url, new Tokens(), 100);

      assertThat(catchThrowable(() -> storage.stat("a").block(Patience.LIMIT)))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("'a'")
          .hasMessageContaining("no answer in time")
          .hasMessageContaining("at " + url);

      assertThat(connections).hasSize(2);
      storage.close().block(Patience.LIMIT);
      for (Socket connection : connections) {
        connection.close();
      }
    }
  }

  private static void accept(ServerSocket server, Queue<Socket> connections) {
    while (!server.isClosed()) {
      try {
        connections.add(server.accept());
      } catch (IOException e) {
        // Closed: the loop ends.
      }
    }
  }

  @Test
  void leavesOurOwnErrorsAndMistakesAsTheyAre() {
    Throwable own = new AlreadyExistsException("a");
    assertThat(failures.of("a", own)).isSameAs(own);
    Throwable mistake = new IllegalStateException("a mistake");
    assertThat(failures.of("a", mistake)).isSameAs(mistake);
  }

  @Test
  void showsNoAddressOfAnUpload() throws IOException {
    byte[] bytes = DeterministicBytes.array(1, 4 * StoreUnderTest.PART);
    try (GcsServer server = new GcsServer();
        StoreUnderTest store = new StoreUnderTest(server)) {
      AtomicInteger parts = new AtomicInteger();
      server.breakBy(
          request -> {
            if (request.equals("PUT part") && parts.incrementAndGet() == 2) {
              server.api().expireUploads();
            }
            return null;
          });
      Flux<OwnedBuffer> content = StoreUnderTest.pieces(bytes);
      Throwable failure =
          catchThrowable(
              () ->
                  store.storage().save("a", content, SaveOptions.replace()).block(Patience.LIMIT));
      assertThat(failure).isInstanceOf(StorageException.class).hasMessageContaining("410");
      StringWriter all = new StringWriter();
      failure.printStackTrace(new PrintWriter(all));
      assertThat(all.toString())
          .contains("upload_id=REDACTED")
          .doesNotContainPattern("upload_id=[^R]");
      server.breakBy(request -> null);
      store.save("a", bytes, SaveOptions.replace());
    }
  }
}
