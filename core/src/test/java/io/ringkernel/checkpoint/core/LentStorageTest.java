package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.fault.ForwardingStorage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Errors that Reactor takes for the end of the process, such as Netty's of direct memory: whoever
 * waits for a storage that fails with one is told.
 */
class LentStorageTest {
  private static final StoredObject OBJECT = new StoredObject("a", 1, "1", Instant.EPOCH, Map.of());

  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(1);

  static Stream<Arguments> failures() {
    Map<String, Function<CheckpointStorage, Publisher<?>>> calls =
        Map.of(
            "save", storage -> storage.save("a", Flux.empty(), SaveOptions.replace()),
            "stat", storage -> storage.stat("a"),
            "exists", storage -> storage.exists("a"),
            "read", storage -> storage.read("a", Range.all(), null),
            "bytes",
                storage -> storage.read("a", Range.all(), "opens").flatMapMany(ObjectRead::bytes),
            "read into", storage -> storage.readInto("a", "1", 0, List.of(ByteBuffer.allocate(1))),
            "read stretches", storage -> storage.readInto("a", "1", List.of()),
            "list", storage -> storage.list("a"),
            "delete", storage -> storage.delete("a", null));
    return calls.entrySet().stream()
        .flatMap(
            call ->
                Stream.of(new OutOfMemoryError("no direct memory"), new NoClassDefFoundError("x/Y"))
                    .flatMap(
                        error ->
                            Stream.of(Raised.values())
                                .map(
                                    raised ->
                                        Arguments.of(
                                            call.getKey(), error, raised, call.getValue()))));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("failures")
  void tellsOfWhatReactorWouldThrow(
      String call, Error error, Raised raised, Function<CheckpointStorage, Publisher<?>> asked) {
    LentStorage storage = new LentStorage(new Dying(error, raised));

    assertThatThrownBy(() -> Flux.from(asked.apply(storage)).blockLast(Patience.LIMIT))
        .isInstanceOfSatisfying(
            StorageException.class, e -> assertThat(e.isTransient()).as(call).isFalse())
        .hasMessageContaining("'a': " + error)
        .hasCause(error);
  }

  @Test
  void aSaveEndsWhoseStorageFailsWhileItTakesTheBytes() {
    UnsatisfiedLinkError error = new UnsatisfiedLinkError("no checksum.so");
    CheckpointStorage taking =
        new ForwardingStorage(CheckpointStorages.open("memory:")) {
          @Override
          public Mono<StoredObject> save(
              String name, Publisher<OwnedBuffer> content, SaveOptions options) {
            Mono<OwnedBuffer> fails = Mono.error(error);
            return name.startsWith(StoreNames.OBJECTS)
                ? super.save(name, Flux.from(content).concatMap(bytes -> fails), options)
                : super.save(name, content, options);
          }
        };
    Checkpointer checkpointer = CODEC.on(taking);
    CutKernel kernel = new CutKernel("fdtd");

    assertThatThrownBy(() -> checkpointer.save(kernel).block(Patience.LIMIT))
        .isInstanceOf(StorageException.class)
        .hasRootCause(error);
    assertThat(kernel.open).hasValue(0);
    checkpointer.close().block(Patience.LIMIT);
    taking.close().block(Patience.LIMIT);
  }

  @Test
  void aLoadEndsWhoseReadsDoNot() {
    CheckpointStorage memory = CheckpointStorages.open("memory:");
    OutOfMemoryError error = new OutOfMemoryError("no direct memory");
    CheckpointStorage late =
        new ForwardingStorage(memory) {
          @Override
          public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
            return Mono.<ObjectRead>error(error).delaySubscription(Duration.ofMillis(1));
          }
        };
    Checkpointer checkpointer = CODEC.on(late);

    assertThatThrownBy(() -> checkpointer.load("a").block(Patience.LIMIT))
        .isInstanceOf(StorageException.class)
        .hasRootCause(error);
    checkpointer.close().block(Patience.LIMIT);
    late.close().block(Patience.LIMIT);
  }

  /** Fails with an error. */
  private record Dying(Error error, Raised raised) implements CheckpointStorage {
    private <T> Mono<T> dies() {
      return raised.raise(error);
    }

    @Override
    public Mono<StoredObject> save(
        String name, Publisher<OwnedBuffer> content, SaveOptions options) {
      return dies();
    }

    @Override
    public Mono<StoredObject> stat(String name) {
      return dies();
    }

    @Override
    public Mono<Boolean> exists(String name) {
      return dies();
    }

    @Override
    public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
      return expectedVersion == null
          ? dies()
          : Mono.just(new ObjectRead(OBJECT, Flux.defer(this::dies)));
    }

    @Override
    public Mono<Long> readInto(String name, String version, long offset, List<ByteBuffer> targets) {
      return dies();
    }

    @Override
    public Flux<Stretch> readInto(String name, String version, List<Stretch> stretches) {
      return this.<Stretch>dies().flux();
    }

    @Override
    public Flux<StoredObject> list(String prefix) {
      return this.<StoredObject>dies().flux();
    }

    @Override
    public Mono<Boolean> delete(String name, @Nullable String expectedVersion) {
      return dies();
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
