package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.TrackedBuffers;
import java.net.URI;
import java.util.Arrays;
import java.util.Map;
import org.gaul.s3proxy.junit.S3ProxyExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * The protocol as somebody else's server understands it, signatures and checksums included.
 *
 * <p>Not the whole contract: its store in memory is a file system, which can't hold {@code a}
 * beside {@code a/b}, and its {@code If-Match} is a look and then a write, which loses races.
 */
class S3ProxyTest {
  /** Sizes of one part and of three. */
  private static final int ONE_PART = 100_000;

  private static final int THREE_PARTS = (16 << 20) + 12_345;

  @RegisterExtension
  final S3ProxyExtension server =
      S3ProxyExtension.builder()
          .withBlobStoreProvider("transient")
          .withCredentials("test", "test")
          .build();

  private final TrackedBuffers buffers = new TrackedBuffers();
  private S3Storage storage;

  @BeforeEach
  void makeBucket() {
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
    URI endpoint = server.getUri();
    try (S3Client client =
        S3Client.builder()
            .endpointOverride(endpoint)
            .region(Region.US_EAST_1)
            .forcePathStyle(true)
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .build()) {
      client.createBucket(request -> request.bucket("bucket"));
    }
    String uri = "s3://bucket/some/where?region=us-east-1&endpoint=" + endpoint;
    storage = new S3Storage(S3Options.parse(StorageOptions.parse(uri)));
  }

  @AfterEach
  void close() {
    storage.close().block(Patience.LIMIT);
    assertThat(buffers.open()).isZero();
    assertThat(storage.openHandles()).isZero();
  }

  private StoredObject save(String name, byte[] bytes, SaveOptions options) {
    return storage.save(name, buffers.pieces(bytes, 100_000), options).block(Patience.LIMIT);
  }

  private byte[] read(String name, Range range) {
    Flux<ObjectRead> read = storage.read(name, range, null).flux();
    return StoreUnderTest.collecting(read.flatMap(ObjectRead::bytes)).block(Patience.LIMIT);
  }

  private static Throwable failureOf(Mono<?> call) {
    return catchThrowable(() -> call.block(Patience.LIMIT));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, ONE_PART, 8 << 20, THREE_PARTS})
  void givesBackWhatWasSaved(int size) {
    byte[] bytes = DeterministicBytes.array(size, size);
    Map<String, String> attributes = Map.of("kernel-id", "wave \u00fc", "empty", "");
    StoredObject saved =
        save("sim/a b+c", bytes, SaveOptions.onlyIfAbsent().withAttributes(attributes));
    assertThat(saved.attributes()).isEqualTo(attributes);
    assertThat(storage.stat("sim/a b+c").block(Patience.LIMIT)).isEqualTo(saved);
    assertThat(read("sim/a b+c", Range.all())).isEqualTo(bytes);
    assertThat(storage.list("sim/").collectList().block(Patience.LIMIT)).containsExactly(saved);
  }

  @Test
  void readsRanges() {
    byte[] bytes = DeterministicBytes.array(1, THREE_PARTS);
    save("a", bytes, SaveOptions.replace());
    assertThat(read("a", Range.of(7, 100))).isEqualTo(Arrays.copyOfRange(bytes, 7, 107));
    assertThat(read("a", Range.of(8_000_000, 1_000_000)))
        .isEqualTo(Arrays.copyOfRange(bytes, 8_000_000, 9_000_000));
    assertThat(read("a", Range.suffix(300_000)))
        .isEqualTo(Arrays.copyOfRange(bytes, bytes.length - 300_000, bytes.length));
    assertThat(read("a", Range.of(bytes.length, 5))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {ONE_PART, THREE_PARTS})
  void honoursTheConditionsOfSaves(int size) {
    byte[] first = DeterministicBytes.array(1, size);
    byte[] second = DeterministicBytes.array(2, size);
    StoredObject old = save("a", first, SaveOptions.onlyIfAbsent());
    assertThat(
            failureOf(
                storage.save("a", buffers.pieces(second, 100_000), SaveOptions.onlyIfAbsent())))
        .isInstanceOf(AlreadyExistsException.class);
    StoredObject current = save("a", second, SaveOptions.onlyIfVersion(old.version()));
    SaveOptions stale = SaveOptions.onlyIfVersion(old.version());
    assertThat(failureOf(storage.save("a", buffers.pieces(first, 100_000), stale)))
        .isInstanceOf(ChangedMeanwhileException.class);
    assertThat(storage.stat("a").block(Patience.LIMIT)).isEqualTo(current);
    assertThat(failureOf(storage.read("a", Range.all(), old.version())))
        .isInstanceOf(ChangedMeanwhileException.class);
  }

  /** Past the look that comes first: the server's own answer. */
  @ParameterizedTest
  @ValueSource(ints = {ONE_PART, THREE_PARTS})
  void refusesWhatIsCommittedTooLate(int size) {
    byte[] bytes = DeterministicBytes.array(1, size);
    Flux<OwnedBuffer> content =
        buffers
            .pieces(bytes, 100_000)
            .concatWith(
                Mono.defer(
                        () ->
                            storage.save(
                                "a", buffers.pieces(bytes, ONE_PART), SaveOptions.replace()))
                    .then(Mono.empty()));
    assertThat(failureOf(storage.save("a", content, SaveOptions.onlyIfAbsent())))
        .isInstanceOf(AlreadyExistsException.class);
    assertThat(read("a", Range.all())).isEqualTo(bytes);
  }

  @Test
  void deletesWhatIsMeant() {
    StoredObject old = save("a", DeterministicBytes.array(1, 10), SaveOptions.replace());
    StoredObject current = save("a", DeterministicBytes.array(2, 10), SaveOptions.replace());
    assertThat(failureOf(storage.delete("a", old.version())))
        .isInstanceOf(ChangedMeanwhileException.class);
    assertThat(storage.delete("a", current.version()).block(Patience.LIMIT)).isTrue();
    assertThat(storage.delete("a").block(Patience.LIMIT)).isFalse();
    assertThat(failureOf(storage.stat("a"))).isInstanceOf(CheckpointNotFoundException.class);
  }
}
