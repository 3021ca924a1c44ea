package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageOptions;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.TrackedBuffers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;

/** A server that takes connections and answers nothing, and one that is only slow. */
@Timeout(60)
class SilentServerTest {
  private static final TimeLimits SHORT =
      new TimeLimits(Duration.ofMillis(150), Duration.ofMillis(400));

  private final TrackedBuffers buffers = new TrackedBuffers();

  /** The calls of a store. */
  enum Request {
    STAT,
    READ,
    LIST,
    DELETE,
    SAVE
  }

  private Mono<?> asked(CheckpointStorage storage, Request request) {
    return switch (request) {
      case STAT -> storage.stat("a");
      case READ -> storage.read("a", Range.of(0, 16 << 10), null);
      case LIST -> storage.list("a").then();
      case DELETE -> storage.delete("a");
      case SAVE -> storage.save("a", buffers.pieces(new byte[100], 100), SaveOptions.replace());
    };
  }

  /** The kernel takes the connections and what is sent, and nobody reads it. */
  private static ServerSocket silence() throws IOException {
    return new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
  }

  private static S3Options at(ServerSocket server) {
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
    return S3Options.parse(
        StorageOptions.parse(
            "s3://bucket?region=us-east-1&endpoint=http://127.0.0.1:" + server.getLocalPort()));
  }

  @ParameterizedTest
  @EnumSource(Request.class)
  void isToldSoonWithItsEndpoint(Request request) throws Exception {
    try (ServerSocket server = silence()) {
      S3Storage storage = new S3Storage(at(server), client -> {}, SHORT);

      Throwable failure = catchThrowable(() -> asked(storage, request).block(Patience.LIMIT));

      assertThat(failure)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("'a'")
          .hasMessageContaining("no answer in time")
          .hasMessageContaining("bucket 'bucket' at http://127.0.0.1:" + server.getLocalPort());
      assertThat(((StorageException) failure).isTransient()).isTrue();
      storage.close().block(Patience.LIMIT);
      assertThat(storage.openHandles() + buffers.open()).isZero();
    }
  }

  @Test
  void isToldAfterHalfAMinuteUnlessItIsSaidOtherwise() {
    assertThat(TimeLimits.DEFAULT.call()).isEqualTo(Duration.ofSeconds(30));
    assertThat(TimeLimits.DEFAULT.attempt().multipliedBy(2))
        .isLessThanOrEqualTo(TimeLimits.DEFAULT.call());
  }

  @Test
  void aProgramsOwnLimitsCount() throws Exception {
    try (ServerSocket server = silence()) {
      TimeLimits endless = new TimeLimits(Duration.ofHours(1), Duration.ofHours(1));
      S3Storage storage =
          new S3Storage(
              at(server),
              client ->
                  client.overrideConfiguration(
                      ClientOverrideConfiguration.builder()
                          .apiCallTimeout(Duration.ofMillis(200))
                          .build()),
              endless);

      assertThatThrownBy(() -> storage.stat("a").block(Patience.LIMIT))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("no answer in time");
      storage.close().block(Patience.LIMIT);
    }
  }

  @Test
  void whatMovesSlowlyIsNotGivenUp() {
    byte[] bytes = DeterministicBytes.array(1, 200_000);
    StoreUnderTest store =
        new StoreUnderTest(
            server ->
                new S3Storage(
                    S3Options.parse(StorageOptions.parse(server.uri("slow"))),
                    client -> {},
                    new TimeLimits(Duration.ofMillis(500), Duration.ofSeconds(1))));
    store.save("a", bytes, SaveOptions.replace());
    store.server().faults().inject(S3Operation.GET, 1, 1, new Faults.Fault.Slow());

    assertThat(store.read("a")).isEqualTo(bytes);

    assertThat(store.server().faults().takeCounts()).isEqualTo(Map.of(S3Operation.GET, 1));
    store.close();
  }
}
