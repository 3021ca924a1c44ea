package io.ringkernel.checkpoint.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.error.ProviderUnavailableException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.internal.ServiceFiles;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class CheckpointStoragesTest {
  @TempDir private Path directory;

  @Test
  void opensTheStorageOfAScheme() throws Exception {
    CheckpointStorage storage = open("stub://there?a=b", Stub.class);

    assertThat(((StubStorage) storage).options())
        .isEqualTo(new StorageOptions("stub", "//there", Map.of("a", "b")));
  }

  @ParameterizedTest
  @CsvSource({
    "memory, storage-memory",
    "file, storage-file",
    "gs, storage-gcs",
    "s3, storage-s3",
  })
  void saysWhichArtifactIsMissingAndWhatIsPresent(String scheme, String artifact) {
    assertThatThrownBy(() -> open(scheme + ":x", Stub.class))
        .isInstanceOf(ProviderUnavailableException.class)
        .hasMessage(
            "storage scheme '%s' is not on the class path: add"
                + " io.ringkernel:ringkernel-checkpoint-%s; present: stub",
            scheme, artifact)
        .satisfies(e -> assertThat(((ProviderUnavailableException) e).name()).isEqualTo(scheme));
  }

  @Test
  void namesNoArtifactForASchemeItNeverHeardOf() {
    assertThatThrownBy(() -> CheckpointStorages.open("ftp://x"))
        .isInstanceOf(ProviderUnavailableException.class)
        .hasMessage("storage scheme 'ftp' is not on the class path; present: none");
  }

  @Test
  void refusesTwoOfOneScheme() {
    assertThatThrownBy(() -> open("stub:x", Stub.class, Twin.class))
        .isInstanceOf(ProviderUnavailableException.class)
        .hasMessage(
            "storage scheme 'stub' is provided more than once: %s, %s; keep one",
            Stub.class.getName(), Twin.class.getName());
  }

  @Test
  void passesOnWhatAProviderRefuses() {
    assertThatThrownBy(() -> open("stub:x?unknown=1", Stub.class))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("known: a");
  }

  @Test
  void aNotFoundIsAnAnswerToExistsAndAnyOtherErrorIsNot() {
    StubStorage storage = new StubStorage(StorageOptions.parse("stub:x"));

    StepVerifier.create(storage.exists("there")).expectNext(true).verifyComplete();
    StepVerifier.create(storage.exists("missing")).expectNext(false).verifyComplete();
    StepVerifier.create(storage.exists("broken")).verifyError(StorageException.class);
  }

  @Test
  void deletesAnyVersionUnlessOneIsExpected() {
    StubStorage storage = new StubStorage(StorageOptions.parse("stub:x"));

    StepVerifier.create(storage.delete("n")).expectNext(true).verifyComplete();
    StepVerifier.create(storage.delete("n", "v")).expectNext(false).verifyComplete();
  }

  private CheckpointStorage open(String uri, Class<?>... providers) throws Exception {
    List<String> names = List.of(providers).stream().map(Class::getName).toList();
    return ServiceFiles.announcing(
        directory, CheckpointStorageProvider.class, names, () -> CheckpointStorages.open(uri));
  }

  /** A provider that knows one parameter. */
  public static class Stub implements CheckpointStorageProvider {
    @Override
    public String scheme() {
      return "stub";
    }

    @Override
    public CheckpointStorage create(StorageOptions options) {
      options.requireOnly(Set.of("a"));
      return new StubStorage(options);
    }
  }

  /** Another with the same scheme. */
  public static final class Twin extends Stub {}

  private record StubStorage(StorageOptions options) implements CheckpointStorage {
    @Override
    public Mono<StoredObject> save(
        String name, Publisher<OwnedBuffer> content, SaveOptions saveOptions) {
      return Mono.error(new UnsupportedOperationException());
    }

    @Override
    public Mono<StoredObject> stat(String name) {
      return switch (name) {
        case "there" -> Mono.just(new StoredObject(name, 0, "v", Instant.EPOCH, Map.of()));
        case "missing" -> Mono.error(new CheckpointNotFoundException(name));
        default -> Mono.error(new StorageException("disk on fire", false, null));
      };
    }

    @Override
    public Mono<ObjectRead> read(String name, Range range, String expectedVersion) {
      return Mono.error(new UnsupportedOperationException());
    }

    @Override
    public Flux<StoredObject> list(String prefix) {
      return Flux.empty();
    }

    @Override
    public Mono<Boolean> delete(String name, String expectedVersion) {
      return Mono.just(expectedVersion == null);
    }

    @Override
    public Set<StorageCapability> capabilities() {
      return Set.of();
    }

    @Override
    public Mono<Void> close() {
      return Mono.empty();
    }
  }
}
