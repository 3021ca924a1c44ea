package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.TrackedBuffers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What all topics need: an open storage, bytes to save, and the check that nothing was kept. */
abstract class StorageTopic {
  /** Small enough to be quick, and more than any backend passes on in one buffer. */
  static final int SEVERAL_BUFFERS = (3 << 20) + 77;

  static final int PIECE = 10_000;

  final TrackedBuffers buffers = new TrackedBuffers();
  private final StorageContract backend;
  private final List<CheckpointStorage> opened = new ArrayList<>();
  private @Nullable CheckpointStorage storage;

  StorageTopic(StorageContract backend) {
    this.backend = backend;
  }

  @BeforeEach
  void openStorage() {
    storage = openAnother();
  }

  @AfterEach
  void everythingLentIsBack() {
    for (CheckpointStorage each : opened) {
      await(each.close());
    }
    assertThat(buffers.open()).as("buffers given to the storage that it did not close").isZero();
    Patience.until(
        "all handles of the storage are given back, " + backend.openHandles() + " are not",
        () -> backend.openHandles() == 0);
    assertNoLeftovers();
  }

  /** The storage of this test. */
  final CheckpointStorage storage() {
    return Objects.requireNonNull(storage, "JUnit opens it before each test");
  }

  /** One more storage on the same place. */
  final CheckpointStorage openAnother() {
    CheckpointStorage another = backend.open();
    opened.add(another);
    return another;
  }

  final boolean can(StorageCapability capability) {
    return storage().capabilities().contains(capability);
  }

  /** Those of names that must be listed when all are saved: perhaps none that is below another. */
  final List<String> listable(List<String> names) {
    return can(StorageCapability.NESTED_NAMES)
        ? names
        : names.stream()
            .filter(name -> names.stream().noneMatch(other -> name.startsWith(other + "/")))
            .toList();
  }

  final int openHandles() {
    return backend.openHandles();
  }

  final void assertNoLeftovers() {
    assertThat(backend.leftovers()).as("left behind without being an object").isEmpty();
  }

  /** The value; fails when there is none, or not in time. */
  static <T> T await(Mono<T> mono, Class<T> type) {
    return type.cast(Objects.requireNonNull(mono.block(Patience.LIMIT), "completed empty"));
  }

  static void await(Mono<?> mono) {
    mono.block(Patience.LIMIT);
  }

  /** How a call fails, or null when it does not. */
  static @Nullable Throwable failureOf(Mono<?> mono) {
    return catchThrowable(() -> await(mono));
  }

  final StoredObject save(String name, byte[] bytes) {
    return save(name, bytes, SaveOptions.replace());
  }

  final StoredObject save(String name, byte[] bytes, SaveOptions options) {
    return await(saving(name, bytes, options), StoredObject.class);
  }

  final Mono<StoredObject> saving(String name, byte[] bytes, SaveOptions options) {
    return storage().save(name, buffers.pieces(bytes, PIECE), options);
  }

  final StoredObject stat(String name) {
    return await(storage().stat(name), StoredObject.class);
  }

  final byte[] read(String name) {
    return read(name, Range.all());
  }

  final byte[] read(String name, Range range) {
    return read(storage(), name, range);
  }

  static byte[] read(CheckpointStorage from, String name, Range range) {
    return bytesOf(from.read(name, range, null).flatMapMany(opened -> opened.bytes()));
  }

  /** All bytes of a stream, each of its buffers closed. */
  static byte[] bytesOf(Flux<OwnedBuffer> stream) {
    return await(collecting(stream), byte[].class);
  }

  static Mono<byte[]> collecting(Flux<OwnedBuffer> stream) {
    return stream
        .collect(ByteArrayOutputStream::new, (all, buffer) -> all.writeBytes(take(buffer)))
        .map(ByteArrayOutputStream::toByteArray);
  }

  /** What is in a buffer, which is closed. */
  static byte[] take(OwnedBuffer owned) {
    try (owned) {
      ByteBuffer buffer = owned.buffer();
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return bytes;
    }
  }

  final List<String> names(String prefix) {
    return Objects.requireNonNull(
        storage().list(prefix).map(StoredObject::name).collectList().block(Patience.LIMIT));
  }

  final void assertAbsent(String name) {
    assertThat(failureOf(storage().stat(name))).isInstanceOf(CheckpointNotFoundException.class);
  }

  /** Bytes that differ from those of every other number. */
  static byte[] bytes(long number, int length) {
    return DeterministicBytes.array(number, length);
  }

  /** A stream that gives some pieces and then neither goes on nor ends. */
  final Flux<OwnedBuffer> piecesThatStall(byte[] bytes) {
    return Flux.concat(buffers.pieces(bytes, PIECE), Flux.never());
  }
}
