package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Takes away what lies under names that can be given again. Where a delete of one version may hit
 * what was put there since ({@link StorageCapability#CONDITIONAL_DELETES} is missing), that is
 * replaced by a {@link ClearingNote} first, on the condition that it is still there; then the note
 * is deleted. While it is there nobody gives the name, so that the delete hits nothing else.
 *
 * <p>Only who wrote a note deletes it, once. Of one whose writer died nobody knows whether its
 * delete is still on its way: after {@link #LONGEST} a collection replaces it by its own.
 */
final class NameClearer {
  /** How long the delete of a note may be on its way: longer than any process is stopped. */
  static final Duration LONGEST = Duration.ofDays(1);

  /** Who is not dead is done by then. */
  private static final List<Duration> PAUSES =
      Stream.of(50, 100, 200, 400, 800).map(Duration::ofMillis).toList();

  private final SmallObjects small;
  private final Unstoppable unstoppable;
  private final List<Mono<?>> pauses;

  /** Whether a delete may hit what it is not meant for. */
  final boolean isInTwoSteps;

  /**
   * @param unstoppable what has begun goes on in it
   * @param pauses between looks at what is just being cleared; after the last it is an error
   */
  NameClearer(SmallObjects small, Unstoppable unstoppable, List<Mono<?>> pauses) {
    this.small = small;
    this.unstoppable = unstoppable;
    this.pauses = List.copyOf(pauses);
    this.isInTwoSteps = !small.capabilities().contains(StorageCapability.CONDITIONAL_DELETES);
  }

  /** For those who wait for others. */
  static List<Mono<?>> pauses(Scheduler timer) {
    return PAUSES.stream().<Mono<?>>map(pause -> Mono.delay(pause, timer)).toList();
  }

  /**
   * Takes away what was read under a name, if it is still there.
   *
   * @return true; an error where something else is there
   */
  Mono<Boolean> clear(String name, String version) {
    // A note that is left shuts the name for a day.
    return isInTwoSteps
        ? unstoppable.of(Mono.defer(() -> inTwoSteps(name, version)))
        : small.delete(name, version);
  }

  private Mono<Boolean> inTwoSteps(String name, String version) {
    byte[] note = ClearingNote.of(version).encode();
    return small
        .write(name, note, version)
        .map(StoredObject::version)
        .onErrorResume(
            Failures::isAmbiguous, e -> versionOf(name, note).switchIfEmpty(Mono.error(e)))
        .flatMap(
            noted ->
                small
                    .delete(name, noted)
                    // What it stands for is gone, whatever becomes of the note.
                    .onErrorReturn(CheckpointException.class, true));
  }

  /** Of a note whose answer was lost, if it is there: no other is like it. */
  private Mono<String> versionOf(String name, byte[] note) {
    return small
        .read(name)
        .filter(there -> Arrays.equals(there.bytes(), note))
        .map(there -> there.object().version())
        .onErrorComplete();
  }

  /** Clears in a collection what somebody has begun to clear so long ago that he must be dead. */
  Mono<Void> goOn(Scan scan, String name, Slot.Clearing found) {
    if (!scan.mayChange()) {
      return Mono.empty();
    }
    Instant stamp = found.object().lastModified();
    Mono<?> done = Mono.empty();
    if (scan.isAhead(stamp)) {
      done = small.write(name, found.note().stampedAnew().encode(), found.version());
    } else if (isLongAgo(stamp, scan)) {
      done = clear(name, found.version());
    }
    return done.then().onErrorComplete(Failures::isRefusal);
  }

  /** Whether nothing of what was begun then can still be on its way. */
  boolean isLongAgo(Instant begun, Scan scan) {
    return !isInTwoSteps || Duration.between(begun, scan.now()).compareTo(LONGEST) > 0;
  }

  /**
   * Looks at a name again while it is just being cleared.
   *
   * @param look a new one with each subscription
   * @param isClearing whether what was seen is a note
   */
  <T> Mono<T> settled(String name, Mono<T> look, Predicate<T> isClearing) {
    return settled(name, look, isClearing, 0);
  }

  private <T> Mono<T> settled(String name, Mono<T> look, Predicate<T> isClearing, int pause) {
    return look.flatMap(
        seen -> {
          if (!isClearing.test(seen)) {
            return Mono.just(seen);
          }
          return pause == pauses.size()
              ? Mono.error(isBeingCleared(name))
              : pauses
                  .get(pause)
                  .then(Mono.defer(() -> settled(name, look, isClearing, pause + 1)));
        });
  }

  private static StorageException isBeingCleared(String name) {
    return new StorageException(
        "what was under '%s' is just being removed; try again, or choose another name: if its remover died, a collection gives the name free once a day has passed"
            .formatted(name),
        true,
        null);
  }
}
