package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.auth.Credentials;
import com.google.cloud.ServiceOptions;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StorageOptions;
import io.ringkernel.checkpoint.storage.gcs.server.Fault;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** Credentials of a program's own. */
class GcsStoragesTest {
  private GcsServer server;
  private CheckpointStorage storage;

  @BeforeEach
  void startServer() throws IOException {
    server = new GcsServer();
  }

  @AfterEach
  void close() throws IOException {
    if (storage != null) {
      storage.close().block(Patience.LIMIT);
    }
    server.close();
  }

  private void open(Supplier<? extends Credentials> credentials) {
    storage = GcsStorages.open("gs://bucket/a?endpoint=" + server.url(), credentials);
  }

  private boolean exists() {
    return storage.exists("x").block(Patience.LIMIT);
  }

  @Test
  void sendsTheTokenOfTheCredentialsThatWereGiven() {
    Tokens tokens = new Tokens();
    open(() -> tokens);
    assertThat(tokens.made()).isZero();
    assertThat(exists()).isFalse();
    assertThat(exists()).isFalse();
    assertThat(server.requests()).containsExactly("GET object", "GET object");
    assertThat(server.authorizations()).containsExactly("Bearer token-1", "Bearer token-1");
  }

  @Test
  void asksForThemOnceOnAThreadOfItsOwnWhereTheyMayBlock() {
    List<String> threads = new CopyOnWriteArrayList<>();
    open(
        () -> {
          threads.add(Thread.currentThread().getName());
          pause();
          return new Tokens();
        });
    assertThat(threads).isEmpty();
    Flux.range(0, 20).flatMap(i -> storage.exists("n" + i), 20).blockLast(Patience.LIMIT);
    assertThat(threads).singleElement().asString().startsWith("rkcp-gs-");
  }

  /** BlockHound finds it on threads that must not block. */
  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        IllegalStateException.class,
        NoClassDefFoundError.class,
        ServiceConfigurationError.class,
        IOException.class
      })
  void tellsThatTheyCanNotBeHadAndAsksForThemAgain(Class<? extends Throwable> type)
      throws ReflectiveOperationException {
    Throwable broken = type.getConstructor(String.class).newInstance("the vault is shut");
    AtomicInteger calls = new AtomicInteger();
    open(
        () -> {
          if (calls.incrementAndGet() == 1) {
            GcsStoragesTest.<RuntimeException>throwIt(broken);
          }
          return new Tokens();
        });
    assertThat(catchThrowable(this::exists))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("'bucket'")
        .hasMessageContaining("the vault is shut")
        .hasCause(broken);
    assertThat(server.requests()).isEmpty();
    assertThat(exists()).isFalse();
    assertThat(server.authorizations()).containsExactly("Bearer token-1");
    assertThat(calls).hasValue(2);
  }

  /** Also what Java would have declared: other languages don't. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void throwIt(Throwable broken) throws T {
    throw (T) broken;
  }

  @Test
  void tellsThatNoneWereGiven() {
    open(() -> null);
    assertThat(catchThrowable(this::exists))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("'bucket'")
        .hasMessageContaining("null");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void tellsThatTheServiceRefusesThem() {
    open(Tokens::new);
    server.breakBy(request -> Fault.STALE_TOKEN);
    assertThat(catchThrowable(this::exists))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("401")
        .hasMessageContaining("that the program gives");
  }

  @Test
  void givesThemToNoEmulator() {
    AtomicInteger calls = new AtomicInteger();
    GcsOptions options = GcsOptions.parse(StorageOptions.parse("gs://bucket"));
    GcsClient.CredentialsLookup given =
        new GivenCredentials(
            "bucket",
            () -> {
              calls.incrementAndGet();
              return new Tokens();
            });
    storage =
        new GcsStorage(
            options,
            new GcsClient(
                options,
                new GcsClient.Settings(
                    Map.of(GcsClient.EMULATOR, server.url()),
                    given,
                    ServiceOptions.getDefaultRetrySettings(),
                    20_000)));
    assertThat(exists()).isFalse();
    assertThat(server.requests()).containsExactly("GET object");
    assertThat(server.authorizations()).isEmpty();
    assertThat(calls).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://bucket", "file:/tmp", "gs://bucket?part=1", "bucket"})
  void refusesOtherUris(String uri) {
    assertThatThrownBy(() -> GcsStorages.open(uri, Tokens::new))
        .isInstanceOf(InvalidOptionException.class);
  }
}
