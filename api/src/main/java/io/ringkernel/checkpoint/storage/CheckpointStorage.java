package io.ringkernel.checkpoint.storage;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.Stretch;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Named bytes that are saved whole or not at all.
 *
 * <p>MUST, all of it also between processes where the storage is {@link StorageCapability#SHARED}:
 *
 * <ul>
 *   <li>A save is all or nothing, also when it fails, is cancelled, or the process is killed. A
 *       reader never sees part of one, and what was there before stays intact until the new one is
 *       complete.
 *   <li>A {@link StorageCapability#DURABLE} storage has the bytes on stable media when a save
 *       completes.
 *   <li>"Only if absent" and "only if this version" are refused exactly when not so, with a typed
 *       error. Two writers of one name end with one of the two, whole.
 *   <li>Every save under a name gives a version that no other save under that name gives or gave. A
 *       read that names a version gets that version's bytes or {@link
 *       io.ringkernel.checkpoint.error.ChangedMeanwhileException}; a read that names none gets the
 *       bytes of one version: never mixed bytes.
 *   <li>Names are checked by {@link StorageNames} before any I/O, and any name it accepts works or
 *       is refused with {@link io.ringkernel.checkpoint.error.InvalidNameException}; distinct names
 *       never share bytes.
 *   <li>Nothing is done before subscription; every subscription is a new attempt; demand is
 *       respected; no I/O runs on the subscriber's thread nor on a non-blocking scheduler.
 *   <li>A cancelled or failed save leaves nothing behind if it was before the commit point; after
 *       it, the save stands, and {@link #stat} tells. Buffers not written are closed.
 *   <li>Failures are {@link io.ringkernel.checkpoint.error.CheckpointException}s that name what was
 *       asked for.
 * </ul>
 */
public interface CheckpointStorage {
  /**
   * Stores a stream of bytes under a name.
   *
   * <p>Each buffer's ownership passes to the storage, which closes it. An error of {@code content}
   * is passed on as it is. A {@code content} that allows one subscriber fails a second attempt with
   * its own error.
   *
   * @param name where; see {@link StorageNames}
   * @param content the bytes; subscribed to once for each attempt
   * @param options conditions and attributes
   * @return what was stored; {@link io.ringkernel.checkpoint.error.AlreadyExistsException} or
   *     {@link io.ringkernel.checkpoint.error.ChangedMeanwhileException} when a condition does not
   *     hold
   */
  Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options);

  /**
   * What is stored under a name.
   *
   * @param name what to look at
   * @return it; {@link io.ringkernel.checkpoint.error.CheckpointNotFoundException} when there is
   *     nothing
   */
  Mono<StoredObject> stat(String name);

  /**
   * Opens part of what is stored under a name. The bytes are read as they are demanded; each of
   * their buffers belongs to the subscriber. Cancelling the {@code Mono} or the bytes closes what
   * was opened; the bytes of an {@link ObjectRead} can be subscribed to more than once, each time
   * from the start and of the same version.
   *
   * @param name what to read
   * @param range which bytes; what lies past the end is left out
   * @param expectedVersion the version to read, or null for any
   * @return the object and the bytes; {@link
   *     io.ringkernel.checkpoint.error.CheckpointNotFoundException} when there is nothing (also
   *     when a version was expected), {@link
   *     io.ringkernel.checkpoint.error.ChangedMeanwhileException} when there is another version
   */
  Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion);

  /**
   * Reads part of one version into memory of the caller's: consecutive bytes, buffer after buffer,
   * each from its position to its limit. A storage that can put them there without a copy of its
   * own does; by default they are copied out of what {@link #read} gives.
   *
   * <p>The memory stays the caller's. From subscription until the {@code Mono} ends, the storage
   * writes to it and the caller must not touch it. A caller that cancels can't know whether a
   * transfer is still in flight: the memory must then not be reused.
   *
   * @param name what to read
   * @param version which version of it
   * @param offset of the first byte, at least 0
   * @param targets heap or direct, writable; their positions move
   * @return the number of bytes written: fewer than there is room for only at the object's end;
   *     errors as with {@link #read}
   */
  default Mono<Long> readInto(String name, String version, long offset, List<ByteBuffer> targets) {
    return ReadInto.by(this, name, version, offset, targets);
  }

  /**
   * Reads several stretches of one version into memory of the caller's, as {@link #readInto(String,
   * String, long, List)} does each, and under the same rules: what a checkpoint whose blocks are
   * scattered is read by. By default those that lie close together are read as one, with what is
   * between them, and a few at the same time; a storage for which one more stretch is no request
   * more reads them in its own way.
   *
   * <p>A stretch is the caller's again once it is given, so that it can be worked on while others
   * arrive; those that are not given are when the {@code Flux} ends.
   *
   * @param name what to read
   * @param version which version of it; all bytes are of it
   * @param stretches what to read, best in the order of their offsets; none may overlap another's
   *     memory
   * @return each of them once, as soon as it is filled, in any order; with room left only where it
   *     reaches past the object's end; errors as with {@link #read}
   */
  default Flux<Stretch> readInto(String name, String version, List<Stretch> stretches) {
    return ScatteredRead.by(this, name, version, stretches);
  }

  /**
   * What is stored under all names that begin with a prefix, by the UTF-8 bytes of the names,
   * fetched page by page as demanded. Objects that come or go meanwhile may or may not be seen; all
   * others are seen once.
   *
   * @param prefix any beginning of a name, also one that ends within a component; empty for all
   */
  Flux<StoredObject> list(String prefix);

  /**
   * Removes what is stored under a name; afterwards nothing is there.
   *
   * @param name what to remove
   * @return whether this call removed something: false means there was nothing, which is no error
   */
  default Mono<Boolean> delete(String name) {
    return delete(name, null);
  }

  /**
   * Removes what is stored under a name if it is this version. Without {@link
   * StorageCapability#CONDITIONAL_DELETES} that may be looked at just before: what replaces it at
   * that moment may be removed in its stead.
   *
   * @param name what to remove
   * @param expectedVersion the only version to remove, or null for any
   * @return whether this call removed something; {@link
   *     io.ringkernel.checkpoint.error.ChangedMeanwhileException} when a version was expected and
   *     it is not there
   */
  Mono<Boolean> delete(String name, @Nullable String expectedVersion);

  /**
   * Whether something is stored under a name.
   *
   * @param name what to look for
   */
  default Mono<Boolean> exists(String name) {
    return stat(name)
        .hasElement()
        .onErrorResume(
            io.ringkernel.checkpoint.error.CheckpointNotFoundException.class,
            e -> Mono.just(false));
  }

  /** What this storage can do beyond the contract; constant. */
  Set<StorageCapability> capabilities();

  /**
   * Ends this storage: refuses what comes after with {@link
   * io.ringkernel.checkpoint.error.ClosedException}, ends what is under way with the same,
   * completes when its clean-up is done and its threads and memory are given back. Idempotent.
   */
  Mono<Void> close();
}
