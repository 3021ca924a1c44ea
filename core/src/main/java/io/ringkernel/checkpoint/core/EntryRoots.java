package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What lies under users' names and refers to objects: entries, and bare files of deltas. */
final class EntryRoots implements RootSource {
  private static final int READS_IN_FLIGHT = 16;

  private final CheckpointStorage storage;
  private final CheckpointCodec codec;
  private final DecodeOptions decoding;
  private final Slots slots;

  EntryRoots(
      CheckpointStorage storage, CheckpointCodec codec, DecodeOptions decoding, Slots slots) {
    this.storage = storage;
    this.codec = codec;
    this.decoding = decoding;
    this.slots = slots;
  }

  @Override
  public Flux<ObjectId> roots(Scan scan) {
    return storage
        .list("")
        .filter(object -> !StoreNames.isReserved(object.name()))
        .flatMap(object -> objects(scan, object), READS_IN_FLIGHT);
  }

  private Flux<ObjectId> objects(Scan scan, StoredObject object) {
    String name = object.name();
    List<ObjectId> known = scan.known(name, object.version());
    return known != null
        ? Flux.fromIterable(known)
        : slots
            .read(name)
            .flatMap(
                slot ->
                    objects(scan, name, slot).doOnNext(read -> remember(scan, name, slot, read)))
            .onErrorMap(Failures::isDamage, e -> Failures.unreadable(name, e))
            .flatMapIterable(read -> read);
  }

  private static void remember(Scan scan, String name, Slot slot, List<ObjectId> objects) {
    String version = slot.version();
    if (version != null) {
      scan.remember(name, version, objects);
    }
  }

  private Mono<List<ObjectId>> objects(Scan scan, String name, Slot slot) {
    if (slot instanceof Slot.Managed managed) {
      return Mono.fromSupplier(() -> managed.entry().objects().toList());
    }
    if (slot instanceof Slot.Bare bare && FileStart.version(bare.start()) != 1) {
      return ancestors(bare)
          .onErrorResume(
              CorruptCheckpointException.class,
              e -> {
                scan.note(
                    "the file '" + name + "' is damaged and keeps no object: " + e.getMessage());
                return Mono.just(List.of());
              });
    }
    return slot instanceof Slot.Unreadable unreadable && unreadable.isEntry()
        ? Mono.error(unreadable.problem())
        : Mono.just(List.of());
  }

  private Mono<List<ObjectId>> ancestors(Slot.Bare bare) {
    return codec
        .open(StoredContent.of(storage, bare.object(), bare.start()), decoding)
        .map(file -> file.ancestors().stream().map(ancestor -> ancestor.id()).toList());
  }
}
