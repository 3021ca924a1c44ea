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
    Map<ObjectId, Instant> condemned = condemned(standing);
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

  private static Map<ObjectId, Instant> condemned(List<Tombstones.Standing> standing) {
    Map<ObjectId, Instant> since = new HashMap<>();
    for (Tombstones.Standing tombstone : standing) {
      Set<ObjectId> objects = tombstone.objects();
      if (objects != null) {
        objects.forEach(
            id ->
                since.merge(id, tombstone.at(), (one, other) -> one.isBefore(other) ? one : other));
      }
    }
    return since;
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
    return new CollectReport(true, due, kept, objects.size(), referred, scan.pins(), scan.notes());
  }
}
