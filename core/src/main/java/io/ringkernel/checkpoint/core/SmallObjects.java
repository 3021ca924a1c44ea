package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads and writes the records of a store, and the beginnings of what else lies there. */
final class SmallObjects {
  /** What one read fetches: nearly every record, and a file's header with nearly all metadata. */
  static final int FIRST_READ = 16 << 10;

  /** The first bytes of an object: all of them when it is a record. */
  static final class Start {
    private final StoredObject object;
    private final byte[] bytes;

    private Start(StoredObject object, byte[] bytes) {
      this.object = object;
      this.bytes = bytes;
    }

    /** What is there. */
    StoredObject object() {
      return object;
    }

    /** Its bytes, not copied. */
    byte[] bytes() {
      return bytes;
    }
  }

  private final CheckpointStorage storage;
  private final ReadSpeed speed;

  SmallObjects(CheckpointStorage storage) {
    this(storage, new ReadSpeed());
  }

  /**
   * @param speed takes note of how fast reads are
   */
  SmallObjects(CheckpointStorage storage, ReadSpeed speed) {
    this.storage = storage;
    this.speed = speed;
  }

  /**
   * Reads a whole record, or the beginning of anything else.
   *
   * @param name where
   * @param kinds of the records that are expected
   * @return empty when there is nothing
   */
  Mono<Start> read(String name, RecordKind... kinds) {
    // Written again between its opening and its bytes: what is there now is whole.
    return Mono.defer(() -> readOnce(name, kinds)).retryWhen(Again.afterRefusal());
  }

  private Mono<Start> readOnce(String name, RecordKind... kinds) {
    return speed
        .measured(
            FIRST_READ, storage.read(name, Range.of(0, FIRST_READ), null).flatMap(this::start))
        .flatMap(start -> whole(name, start, kinds))
        .onErrorResume(CheckpointNotFoundException.class, e -> Mono.empty());
  }

  private Mono<Start> whole(String name, Start start, RecordKind... kinds) {
    if (start.bytes().length < start.object().size()) {
      for (RecordKind kind : kinds) {
        if (kind.begins(start.bytes())) {
          return rest(name, kind, start);
        }
      }
    }
    return Mono.just(start);
  }

  private Mono<Start> rest(String name, RecordKind kind, Start start) {
    long size = start.object().size();
    if (size > kind.maxLength()) {
      return Mono.error(
          new LimitExceededException(
              "the length of the record '" + name + "'", size, kind.maxLength()));
    }
    return storage.read(name, Range.all(), start.object().version()).flatMap(this::start);
  }

  private Mono<Start> start(ObjectRead read) {
    return bytes(read).map(bytes -> new Start(read.object(), bytes));
  }

  /** All bytes of a short read. */
  static Mono<byte[]> bytes(ObjectRead read) {
    return Mono.defer(
        () -> {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          return read.bytes()
              .doOnNext(buffer -> append(bytes, buffer))
              .doOnDiscard(OwnedBuffer.class, OwnedBuffer::close)
              .then(Mono.fromSupplier(bytes::toByteArray));
        });
  }

  private static void append(ByteArrayOutputStream bytes, OwnedBuffer owned) {
    try (owned) {
      ByteBuffer buffer = owned.buffer();
      byte[] part = new byte[buffer.remaining()];
      buffer.get(part);
      bytes.writeBytes(part);
    }
  }

  /** What the storage can do. */
  Set<StorageCapability> capabilities() {
    return storage.capabilities();
  }

  /** The names that begin so. */
  Flux<String> names(String prefix) {
    return storage.list(prefix).map(StoredObject::name);
  }

  /** Whether there is anything. */
  Mono<Boolean> exists(String name) {
    return storage.exists(name);
  }

  /** Removes what is at a place if that is still what was read there; whether it was there. */
  Mono<Boolean> delete(String name, String version) {
    return storage.delete(name, version);
  }

  /**
   * Writes a record if its place still holds what was read there.
   *
   * @param name where
   * @param record its bytes
   * @param base the version that must be there; null: nothing may be
   */
  Mono<StoredObject> write(String name, byte[] record, @Nullable String base) {
    SaveOptions condition =
        base == null ? SaveOptions.onlyIfAbsent() : SaveOptions.onlyIfVersion(base);
    return storage.save(
        name, Mono.fromSupplier(() -> OwnedBuffer.unpooled(ByteBuffer.wrap(record))), condition);
  }
}
