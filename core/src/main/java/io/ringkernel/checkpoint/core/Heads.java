package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StoredObject;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads and changes the heads of kernels. */
final class Heads {
  /** Each refusal means that another writer got on: so many in a row is not a race any more. */
  static final int MOST_ATTEMPTS = 64;

  /** How often a write is tried again when its answer was lost. */
  static final int MOST_LOST_ANSWERS = 3;

  private static final int READS_IN_FLIGHT = 16;

  /**
   * A head as it lies in the store.
   *
   * @param head its content; the initial one when there is none
   * @param version the storage's version; null when there is none
   */
  record Found(Head head, @Nullable String version) {}

  private final CheckpointStorage storage;
  private final SmallObjects small;

  Heads(CheckpointStorage storage, SmallObjects small) {
    this.storage = storage;
    this.small = small;
  }

  /** The head of a kernel, also of one that has none. */
  Mono<Found> read(String kernelId) {
    return Mono.defer(() -> small.read(StoreNames.head(kernelId), RecordKind.HEAD))
        .map(start -> found(kernelId, start))
        .onErrorMap(CorruptCheckpointException.class, e -> damaged(StoreNames.head(kernelId), e))
        .defaultIfEmpty(new Found(Head.initial(kernelId), null));
  }

  /** Says what can be done: nothing but a head tells which checkpoint is its kernel's newest. */
  private static CorruptCheckpointException damaged(String name, CorruptCheckpointException e) {
    return new CorruptCheckpointException(
        e.offset(),
        "the head '"
            + name
            + "' is damaged ("
            + e.reason()
            + "); put it back from a copy of the store: if it is deleted, its kernel's next save"
            + " counts from 1 again, and what was saved before is taken for newer",
        e);
  }

  private static Found found(String kernelId, SmallObjects.Start start) {
    Head head = Head.decode(start.bytes());
    if (!head.kernelId().equals(kernelId)) {
      throw new CorruptCheckpointException(
          0, "the head of kernel '" + kernelId + "' is of kernel '" + head.kernelId() + "'");
    }
    return new Found(head, start.object().version());
  }

  /** Changes a head if it is still as it was found. */
  Mono<StoredObject> write(Found found, Head next) {
    return Mono.defer(
        () -> small.write(StoreNames.head(next.kernelId()), next.encode(), found.version()));
  }

  /** All heads that can be read, in no particular order. */
  Flux<Head> all() {
    return storage
        .list(StoreNames.HEADS)
        .flatMap(
            object -> decoded(object.name()).onErrorComplete(Failures::isUnreadable),
            READS_IN_FLIGHT);
  }

  /** All heads, in no particular order; one that can't be read is an error that names it. */
  Flux<Head> allOrNone() {
    return storage
        .list(StoreNames.HEADS)
        .flatMap(
            object ->
                decoded(object.name())
                    .onErrorMap(Failures::isDamage, e -> Failures.unreadable(object.name(), e)),
            READS_IN_FLIGHT);
  }

  private Mono<Head> decoded(String name) {
    return small
        .read(name, RecordKind.HEAD)
        .map(
            start -> {
              Head head = Head.decode(start.bytes());
              if (!StoreNames.head(head.kernelId()).equals(name)) {
                throw new CorruptCheckpointException(
                    0, "it is the head of kernel '" + head.kernelId() + "', of another name");
              }
              return head;
            })
        .onErrorMap(CorruptCheckpointException.class, e -> damaged(name, e));
  }

  /** Refuses every write of a kernel's head that is based on what was there until now. */
  Mono<Void> fence(String kernelId) {
    return fence(kernelId, 1);
  }

  private Mono<Void> fence(String kernelId, int attempt) {
    return read(kernelId)
        .flatMap(found -> write(found, found.head().fenced()))
        .then()
        .onErrorResume(
            e -> Failures.isRefusal(e) && attempt < MOST_ATTEMPTS,
            e -> fence(kernelId, attempt + 1));
  }
}
