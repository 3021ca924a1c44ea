package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.core.CollectReport.Garbage;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a collection found: the objects of a store, and which of them are garbage. */
final class Survey {
  private final List<Tombstones.Standing> standing;
  private final Map<ObjectId, StoredObject> objects;

  /** Garbage that is to be removed now. */
  private final List<Garbage> due = new ArrayList<>();

  /** Garbage that an earlier collection condemned and whose time is not yet come. */
  private final List<Garbage> waiting = new ArrayList<>();

  /** Garbage that no collection has seen before and whose time is not yet come. */
  private final List<Garbage> fresh = new ArrayList<>();

  /**
   * @param standing the tombstones, read first
   * @param objects all there are, read second
   * @param referred those that something refers to, read last
   */
  Survey(
      List<Tombstones.Standing> standing,
      Map<ObjectId, StoredObject> objects,
      Set<ObjectId> referred,
      Scan scan,
      CollectOptions options) {
    this.standing = standing;
    this.objects = objects;
    Map<ObjectId, Instant> condemned = condemned(standing, scan);
    objects.forEach(
        (id, object) -> {
          if (!referred.contains(id)) {
            Instant since = condemned.get(id);
            Instant at = since == null ? scan.now() : since;
            Garbage garbage = new Garbage(id, object.size(), object.lastModified(), at);
            if (Duration.between(at, scan.now()).compareTo(options.grace()) >= 0) {
              due.add(garbage);
            } else {
              (since == null ? fresh : waiting).add(garbage);
            }
          }
        });
  }

  /** When which object was condemned first, as far as that is to be believed. */
  private static Map<ObjectId, Instant> condemned(List<Tombstones.Standing> standing, Scan scan) {
    Map<ObjectId, Instant> since = new HashMap<>();
    for (Tombstones.Standing tombstone : standing) {
      Set<ObjectId> objects = tombstone.objects();
      if (objects == null) {
        scan.note(unreadable(tombstone));
      } else if (scan.isAhead(tombstone.at())) {
        scan.note(ahead(tombstone));
      } else {
        Instant at = tombstone.at().isAfter(scan.now()) ? scan.now() : tombstone.at();
        objects.forEach(
            id -> since.merge(id, at, (one, other) -> one.isBefore(other) ? one : other));
      }
    }
    return since;
  }

  private static String unreadable(Tombstones.Standing tombstone) {
    return "tombstone '"
        + tombstone.name()
        + "' can't be read, so that no save may refer to any object: delete it when no other"
        + " collection is under way";
  }

  private static String ahead(Tombstones.Standing tombstone) {
    return "tombstone '"
        + tombstone.name()
        + "' is stamped "
        + tombstone.at()
        + ", ahead of the storage's time: that is not believed, and the grace period of what it"
        + " names begins with the first collection that saw this; nothing needs to be done";
  }

  List<Tombstones.Standing> standing() {
    return standing;
  }

  Map<ObjectId, StoredObject> objects() {
    return objects;
  }

  List<Garbage> due() {
    return due;
  }

  List<Garbage> fresh() {
    return fresh;
  }

  List<Garbage> waiting() {
    return waiting;
  }

  /** What a dry run tells. */
  CollectReport forecast(Scan scan) {
    List<Garbage> kept = new ArrayList<>(waiting);
    kept.addAll(fresh);
    int referred = objects.size() - due.size() - kept.size();
    return new CollectReport(
        true, due, kept, objects.size(), referred, scan.pins(), scan.leasesEnd(), scan.notes());
  }
}
