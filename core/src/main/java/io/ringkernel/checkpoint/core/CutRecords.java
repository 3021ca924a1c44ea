package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.time.Duration;
import java.time.Instant;
import reactor.core.publisher.Mono;

/** The removal of the records of cuts that are over, or whose coordinator is long dead. */
final class CutRecords {
  /** How long a record lies unchanged at least before it is removed. */
  static final Duration KEPT = Duration.ofHours(1);

  /** How many times a step's time it lies unchanged: several times what members wait for. */
  private static final int TIMEOUTS_KEPT = 10;

  private static final int READS_IN_FLIGHT = 16;

  private final SpaceReserve storage;
  private final SmallObjects small;

  CutRecords(SpaceReserve storage, SmallObjects small) {
    this.storage = storage;
    this.small = small;
  }

  /**
   * Removes those past their time; what changes meanwhile stays. A cut that goes on after all finds
   * its record gone, and fails.
   *
   * @param now the storage's time
   */
  Mono<Void> tidy(Instant now) {
    return FirstFailure.of(
            storage
                .list(StoreNames.CUTS)
                .filter(object -> Duration.between(object.lastModified(), now).compareTo(KEPT) > 0),
            object -> tidy(object, now),
            READS_IN_FLIGHT)
        .then();
  }

  private Mono<Boolean> tidy(StoredObject object, Instant now) {
    return small
        .read(object.name(), RecordKind.CUT)
        .filter(start -> isPast(start, now))
        .flatMap(start -> storage.delete(object.name(), start.object().version()))
        // Replaced meanwhile; or of a later release, which may know what it is good for.
        .onErrorComplete(Failures::isUnusable);
  }

  private static boolean isPast(SmallObjects.Start start, Instant now) {
    Duration age = Duration.between(start.object().lastModified(), now);
    return age.compareTo(KEPT) > 0 && isOver(start.bytes(), age);
  }

  private static boolean isOver(byte[] bytes, Duration age) {
    try {
      CutRecord record = CutRecord.decode(bytes);
      return record.isOver() || age.compareTo(record.timeout().multipliedBy(TIMEOUTS_KEPT)) > 0;
    } catch (CorruptCheckpointException e) {
      // Nobody can go on with it, and it keeps its group from ever being cut again.
      return true;
    }
  }
}
