package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;

import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.util.List;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;

/** What lies in a store and may keep an object there, in words for the failure of a test. */
final class Referrers {
  private Referrers() {}

  /** A line for each: nothing of it is resolved, a commit that waits stands beside its name. */
  static String told(CheckpointStorage storage) {
    SmallObjects small = new SmallObjects(storage);
    Slots slots = new Slots(small);
    Flux<String> names =
        storage
            .list("")
            .map(StoredObject::name)
            .filter(name -> !StoreNames.isReserved(name))
            .concatMap(name -> slots.read(name).map(slot -> name + " holds " + told(slot)));
    Flux<String> commits =
        new Heads(storage, small)
            .all()
            .concatMapIterable(Head::commits)
            .map(commit -> "a head has " + commit.name() + " on " + told(commit));
    Flux<String> others =
        Flux.just(StoreNames.PINS, StoreNames.TOMBSTONES)
            .concatMap(storage::list)
            .map(StoredObject::name);
    return Flux.concat(names, commits, others).collect(Collectors.joining("\n  ")).block(LONG);
  }

  private static String told(Slot slot) {
    Object what = slot instanceof Slot.Managed managed ? objects(managed.entry()) : slot;
    return "version " + slot.version() + ": " + what;
  }

  private static String told(Head.Latest commit) {
    return "version " + commit.base() + ": " + objects(commit.entry());
  }

  private static List<String> objects(Entry entry) {
    return entry.objects().map(ObjectId::hex).toList();
  }
}
