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
 *   <li>"Only if absent" and "only if this version" are refused exactly when the condition does not
 *       hold, with a typed error. Two writers of one name end with one of the two, whole.
 *   <li>Every save under a name gives a version that no other save under that name ever gives. A
 *       read that names a version gets that version's bytes or {@link
 *       io.ringkernel.checkpoint.error.ChangedMeanwhileException}; a read that names none gets the
 *       bytes of one version: never mixed bytes.
 *   <li>Names are checked by {@link StorageNames} before any I/O. Any name that it accepts works or
 *       is refused with {@link io.ringkernel.checkpoint.error.InvalidNameException}; distinct names
 *       never share bytes.
 *   <li>Nothing is done before subscription; every subscription is a new attempt; demand is
 *       respected; no I/O runs on the subscriber's thread nor on a non-blocking scheduler.
 *   <li>A save that is cancelled or fails before the commit point leaves nothing behind. After it,
 *       the save stands, and {@link #stat} shows it. Buffers not written are closed.
 *   <li>Failures are {@link io.ringkernel.checkpoint.error.CheckpointException}s that name what was
 *       asked for.
 * </ul>
 */
public interface CheckpointStorage {
  /**
   * Stores a stream of bytes under a name.
   *
   * <p>The ownership of each buffer passes to the storage, which closes it. An error of {@code
   * content} is passed on as it is. If {@code content} allows only one subscriber, a second attempt
   * fails with the error of {@code content}.
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
   * Opens part of what is stored under a name. The bytes are read as they are demanded; each buffer
   * belongs to the subscriber. Cancelling the {@code Mono} or the bytes closes what was opened. The
   * bytes of an {@link ObjectRead} can be subscribed to more than once: each time from the start,
   * and of the same version.
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
   * own does so; by default they are copied from what {@link #read} gives.
   *
   * <p>The memory stays the caller's. From subscription until the {@code Mono} ends, the storage
   * writes to it and the caller must not touch it. A caller that cancels can't know whether a
   * transfer is still in flight: the memory must then not be reused.
   *
   * @param name what to read
   * @param version which version of it
   * @param offset of the first byte, at least 0
   * @param targets heap or direct, writable; their positions move
   * @return the number of bytes written: less than the room only at the object's end; errors as
   *     with {@link #read}
   */
  default Mono<Long> readInto(String name, String version, long offset, List<ByteBuffer> targets) {
    return ReadInto.by(this, name, version, offset, targets);
  }

  /**
   * Reads several stretches of one version into memory of the caller's, each as {@link
   * #readInto(String, String, long, List)} does, and under the same rules. A checkpoint whose
   * blocks are scattered is read in this way. By default stretches that lie close together are read
   * as one, with what is between them, and a few at the same time. A storage that reads many
   * stretches in one request overrides this.
   *
   * <p>A stretch is the caller's again once it is emitted, so that it can be worked on while others
   * arrive. Those that are not emitted are the caller's again when the {@code Flux} ends.
   *
   * @param name what to read
   * @param version which version of it; all bytes are of it
   * @param stretches what to read, best in the order of their offsets; none may overlap another's
   *     memory
   * @return each of them once, as soon as it is filled, in any order; room is left in it only if it
   *     reaches past the object's end; errors as with {@link #read}
   */
  default Flux<Stretch> readInto(String name, String version, List<Stretch> stretches) {
    return ScatteredRead.by(this, name, version, stretches);
  }

  /**
   * What is stored under all names that begin with a prefix, ordered by the UTF-8 bytes of the
   * names, fetched page by page as demanded. Objects that are saved or deleted meanwhile may or may
   * not be listed; all others are listed once.
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
   * StorageCapability#CONDITIONAL_DELETES} the version may be checked just before the delete: what
   * replaces it at that moment may be removed instead.
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
   * @param name what to check for
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
   * Ends this storage. Later calls are refused with {@link
   * io.ringkernel.checkpoint.error.ClosedException}, and work under way ends with the same.
   * Completes when the clean-up is done and threads and memory are released. Idempotent.
   */
  Mono<Void> close();
}
