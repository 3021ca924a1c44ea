package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The objects that collectors have condemned: no saver may begin to refer to one of them. */
final class Tombstones {
  private static final int READS_IN_FLIGHT = 16;

  /**
   * A tombstone as it lies in the store.
   *
   * @param name where
   * @param version the storage's
   * @param at when it was written first, by the storage's clock
   * @param objects that it condemns; null when it can't be read, which condemns all
   */
  record Standing(String name, String version, Instant at, @Nullable Set<ObjectId> objects) {}

  /** What is condemned by all tombstones together. */
  record Condemned(boolean all, Set<ObjectId> objects) {
    boolean has(ObjectId id) {
      return all || objects.contains(id);
    }
  }

  private final CheckpointStorage storage;
  private final SmallObjects small;

  Tombstones(CheckpointStorage storage, SmallObjects small) {
    this.storage = storage;
    this.small = small;
  }

  /** All of them, in no particular order. */
  Flux<Standing> all() {
    return storage
        .list(StoreNames.TOMBSTONES)
        .flatMap(
            object ->
                small
                    .read(object.name(), RecordKind.TOMBSTONE)
                    .map(start -> decode(start.object(), start.bytes()))
                    .onErrorResume(
                        Failures::isUnusable,
                        e -> Mono.just(standing(object, object.lastModified(), null))),
            READS_IN_FLIGHT);
  }

  private static Standing decode(StoredObject object, byte[] bytes) {
    try {
      RecordReader in = RecordReader.parse(RecordKind.TOMBSTONE, bytes);
      Set<ObjectId> objects = new HashSet<>(in.ids("objects"));
      // Written again it says when it was written first.
      Instant at = in.has("since") ? in.instant("since") : object.lastModified();
      return standing(object, at, objects);
    } catch (CheckpointException e) {
      return standing(object, object.lastModified(), null);
    }
  }

  private static Standing standing(
      StoredObject object, Instant at, @Nullable Set<ObjectId> objects) {
    return new Standing(object.name(), object.version(), at, objects);
  }

  /** What no saver may begin to refer to, as of now. */
  Mono<Condemned> condemned() {
    return all()
        .collect(() -> new Condemning(), (condemning, one) -> condemning.add(one.objects()))
        .map(condemning -> new Condemned(condemning.all, condemning.objects));
  }

  private static final class Condemning {
    private boolean all;
    private final Set<ObjectId> objects = new HashSet<>();

    void add(@Nullable Set<ObjectId> more) {
      if (more == null) {
        all = true;
      } else {
        objects.addAll(more);
      }
    }
  }

  /** Condemns objects with a new tombstone. */
  Mono<Standing> write(ObjectId id, Collection<ObjectId> objects) {
    return Mono.defer(
        () -> {
          byte[] record =
              new RecordWriter(RecordKind.TOMBSTONE).ids("objects", sorted(objects)).bytes();
          return small
              .write(StoreNames.tombstone(id), record, null)
              .map(object -> standing(object, object.lastModified(), Set.copyOf(objects)));
        });
  }

  /**
   * Leaves only some of its objects condemned, or takes it away when none is left. Only for who
   * wrote it, or when the others are not in the store any more.
   */
  Mono<Void> narrow(Standing tombstone, Collection<ObjectId> left) {
    return Mono.defer(
            () -> {
              if (left.isEmpty()) {
                return storage.delete(tombstone.name(), tombstone.version()).then();
              }
              byte[] record =
                  new RecordWriter(RecordKind.TOMBSTONE)
                      .numbers("since", Instants.micros(tombstone.at()))
                      .ids("objects", sorted(left))
                      .bytes();
              return small.write(tombstone.name(), record, tombstone.version()).then();
            })
        // Another collector saw that its objects were gone, and took it away.
        .onErrorComplete(Failures::isRefusal);
  }

  private static List<ObjectId> sorted(Collection<ObjectId> objects) {
    return List.copyOf(new TreeSet<>(objects));
  }
}
