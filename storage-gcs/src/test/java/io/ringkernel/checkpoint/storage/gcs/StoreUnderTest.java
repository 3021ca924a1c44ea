package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.api.gax.retrying.RetrySettings;
import com.google.auth.Credentials;
import com.google.cloud.ServiceOptions;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A store in a server of this process, whose calls wait. */
final class StoreUnderTest implements AutoCloseable {
  /** The smallest: 256 KiB. */
  static final int PART = GcsOptions.PART_UNIT;

  private final GcsStorage storage;

  StoreUnderTest(GcsServer server) {
    this.storage = open(server.url());
  }

  /** A storage that loses no time. */
  static GcsStorage open(String url) {
    return open(url, null, 3_000);
  }

  static GcsStorage open(String url, @Nullable Credentials credentials, int timeoutMillis) {
    return open(url, credentials, timeoutMillis, Duration.ofMillis(1));
  }

  static GcsStorage open(
      String url, @Nullable Credentials credentials, int timeoutMillis, Duration backoff) {
    RetrySettings quick =
        ServiceOptions.getDefaultRetrySettings().toBuilder()
            .setInitialRetryDelayDuration(backoff)
            .setMaxRetryDelayDuration(backoff.multipliedBy(4))
            .setTotalTimeoutDuration(Duration.ofHours(1))
            .build();
    return open(url, "gs://bucket/some/prefix?part-size=256KiB", credentials, timeoutMillis, quick);
  }

  /** A storage at another place. */
  static GcsStorage open(String url, String uri) {
    return open(url, uri, null, 20_000, ServiceOptions.getDefaultRetrySettings());
  }

  private static GcsStorage open(
      String url,
      String uri,
      @Nullable Credentials credentials,
      int timeoutMillis,
      RetrySettings retry) {
    // An emulator is asked without credentials, an endpoint with them.
    String place = credentials == null ? uri : uri + "&endpoint=" + url;
    GcsOptions options = GcsOptions.parse(StorageOptions.parse(place));
    GcsClient.Settings settings =
        new GcsClient.Settings(
            Map.of(GcsClient.EMULATOR, url), () -> found(credentials), retry, timeoutMillis);
    return new GcsStorage(options, new GcsClient(options, settings));
  }

  private static Credentials found(@Nullable Credentials credentials) throws IOException {
    if (credentials == null) {
      throw new IOException("nobody has credentials here");
    }
    return credentials;
  }

  GcsStorage storage() {
    return storage;
  }

  StoredObject save(String name, byte[] bytes, SaveOptions options) {
    return await(saving(name, bytes, options));
  }

  Mono<StoredObject> saving(String name, byte[] bytes, SaveOptions options) {
    return storage.save(name, pieces(bytes), options);
  }

  /** Copies of the bytes, 10,000 in each. */
  static Flux<OwnedBuffer> pieces(byte[] bytes) {
    return Flux.range(0, (bytes.length + 9_999) / 10_000)
        .map(
            i -> {
              int length = Math.min(10_000, bytes.length - i * 10_000);
              return OwnedBuffer.unpooled(ByteBuffer.wrap(bytes, i * 10_000, length));
            });
  }

  StoredObject stat(String name) {
    return await(storage.stat(name));
  }

  byte[] read(String name, Range range) {
    return await(reading(name, range));
  }

  Mono<byte[]> reading(String name, Range range) {
    return storage.read(name, range, null).flatMap(StoreUnderTest::bytesOf);
  }

  static Mono<byte[]> bytesOf(ObjectRead read) {
    return read.bytes()
        .collect(
            ByteArrayOutputStream::new,
            (all, owned) -> {
              try (owned) {
                byte[] bytes = new byte[owned.buffer().remaining()];
                owned.buffer().get(bytes);
                all.writeBytes(bytes);
              }
            })
        .map(ByteArrayOutputStream::toByteArray);
  }

  List<String> names(String prefix) {
    return await(storage.list(prefix).map(StoredObject::name).collectList());
  }

  boolean delete(String name) {
    return await(storage.delete(name));
  }

  static <T> T await(Mono<T> mono) {
    return Objects.requireNonNull(mono.block(Patience.LIMIT));
  }

  @Override
  public void close() {
    storage.close().block(Patience.LIMIT);
    assertThat(storage.openHandles()).as("buffers and connections not given back").isZero();
  }
}
