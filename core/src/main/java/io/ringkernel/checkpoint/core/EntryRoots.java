package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What lies under users' names and refers to objects: entries, and bare files of deltas. */
final class EntryRoots implements RootSource {
  private static final int READS_IN_FLIGHT = 16;

  private static final String HELD =
      "a save holds it that can't have it; collect again, and if that save has died, when its lease"
          + " is over";

  private final CheckpointStorage storage;
  private final Heads heads;
  private final Slots slots;
  private final Resolver resolver;
  private final Function<Located, Mono<CheckpointFile>> open;

  /**
   * @param open opens a bare file
   */
  EntryRoots(
      CheckpointStorage storage,
      Heads heads,
      Slots slots,
      Resolver resolver,
      Function<Located, Mono<CheckpointFile>> open) {
    this.storage = storage;
    this.heads = heads;
    this.slots = slots;
    this.resolver = resolver;
    this.open = open;
  }

  @Override
  public Flux<ObjectId> roots(Scan scan) {
    Folders folders = slots.folders();
    return folders
        .places()
        .flatMapMany(
            places ->
                FirstFailure.of(
                    UserNames.in(storage, ""),
                    object ->
                        folders
                            .isFolder(places, object.name())
                            .flatMap(is -> is ? cleared(scan, object) : objects(scan, object)),
                    READS_IN_FLIGHT))
        .flatMapIterable(read -> read)
        .retryWhen(Again.afterRefusal());
  }

  /**
   * What is in the place of a folder may hide what was not listed: only a placeholder can be taken
   * away, and then it is listed again.
   */
  private Mono<List<ObjectId>> cleared(Scan scan, StoredObject object) {
    String name = object.name();
    return named(name, slots.read(name))
        .flatMap(
            slot ->
                slot.isFree()
                    ? takenAway(scan, name, slot)
                        .then(storage.exists(name))
                        .filter(there -> there)
                        .map(there -> mayHide(name, HELD))
                    : Mono.just(mayHide(name, "delete it")))
        .<List<ObjectId>>flatMap(Mono::error)
        .switchIfEmpty(
            Mono.error(() -> new ChangedMeanwhileException(name, object.version(), null)));
  }

  private Mono<Void> takenAway(Scan scan, String name, Slot slot) {
    if (slot instanceof Slot.Vacant vacant) {
      return release(scan, name, vacant);
    }
    return slot instanceof Slot.Clearing clearing && scan.mayChange()
        ? slots.giveUp(name, clearing.version())
        : Mono.empty();
  }

  private static CheckpointException mayHide(String name, String advice) {
    return new StorageException(
        "'%s' may hide from the listings of this storage what lies below '%s/', so nothing is removed: %s"
            .formatted(name, name, advice),
        true,
        null);
  }

  private Mono<List<ObjectId>> objects(Scan scan, StoredObject object) {
    String name = object.name();
    List<ObjectId> known = scan.known(name, object.version());
    return known != null
        ? Mono.just(known)
        : named(name, slots.read(name))
            .flatMap(
                slot ->
                    requireHead(scan, slot)
                        .then(named(name, objects(scan, name, slot)))
                        .doOnNext(read -> remember(scan, name, slot, read)));
  }

  private static <T> Mono<T> named(String name, Mono<T> read) {
    return read.onErrorMap(Failures::isUnusable, e -> Failures.unreadable(name, e));
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
    if (slot instanceof Slot.Group group) {
      return Mono.fromSupplier(() -> List.copyOf(group.manifest().objects()));
    }
    if (slot instanceof Slot.Vacant vacant) {
      return release(scan, name, vacant).thenReturn(List.of());
    }
    if (slot instanceof Slot.Clearing clearing) {
      return slots.clearer().goOn(scan, name, clearing).thenReturn(List.of());
    }
    if (slot instanceof Slot.Bare bare && FileStart.version(bare.start()) != 1) {
      return ancestors(name, bare);
    }
    return slot instanceof Slot.Unreadable unreadable && unreadable.refers()
        ? Mono.error(unreadable.problem())
        : Mono.just(List.of());
  }

  /**
   * Ends the collection when the head of a kernel that something is of was lost, be it a
   * placeholder: it may have held a commit that nothing else tells of. Heads were read before, so a
   * commit that came since is looked for.
   */
  private Mono<Void> requireHead(Scan scan, Slot slot) {
    String awaited = slot.awaits();
    Mono<Void> itsOwn =
        awaited == null || scan.hasHead(awaited) ? Mono.empty() : requireHead(awaited, 0);
    return Flux.fromStream(slot.entries())
        .filter(entry -> !scan.isKnownToItsHead(entry))
        .concatMap(entry -> requireHead(entry.metadata().kernelId(), entry.mark().sequence()), 1)
        .then(itsOwn);
  }

  private Mono<Void> requireHead(String kernelId, long sequence) {
    return heads
        .inspect(kernelId)
        .flatMap(found -> Mono.justOrEmpty(found.lacking(sequence)))
        .flatMap(lost -> Mono.error(lost.endsCollection()));
  }

  /**
   * Takes away the placeholder of a save that is not under way any more and did not commit. The pin
   * is looked for first: a save whose pin is gone has committed before, or can't any more.
   */
  private Mono<Void> release(Scan scan, String name, Slot.Vacant vacant) {
    return scan.mayChange()
        ? storage
            .exists(StoreNames.pin(vacant.placeholder().pin()))
            .filter(pinned -> !pinned)
            .flatMap(gone -> resolver.pending(name, vacant).hasElement())
            .filter(awaited -> !awaited)
            .flatMap(dead -> slots.release(name, vacant))
        : Mono.empty();
  }

  private Mono<List<ObjectId>> ancestors(String name, Slot.Bare bare) {
    return open.apply(new Located.InPlace(name, bare))
        .map(file -> file.ancestors().stream().map(Ancestor::id).toList());
  }
}
