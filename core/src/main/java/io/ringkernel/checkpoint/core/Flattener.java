package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Makes deltas self-contained: copies their stored blocks into one new object, then switches the
 * entry, if it is still the one that was copied.
 */
final class Flattener {
  private final CheckpointStorage storage;
  private final Resolver resolver;
  private final Slots slots;
  private final ObjectReader reader;
  private final Loader loader;
  private final ObjectWriter objects;
  private final Pins pins;
  private final RandomIds ids;
  private final BaseIndexes indexes;
  private final RollForward rollForward;

  Flattener(
      CheckpointStorage storage,
      Resolver resolver,
      Slots slots,
      ObjectReader reader,
      Loader loader,
      ObjectWriter objects,
      Pins pins,
      RandomIds ids,
      BaseIndexes indexes) {
    this.storage = storage;
    this.resolver = resolver;
    this.slots = slots;
    this.reader = reader;
    this.loader = loader;
    this.objects = objects;
    this.pins = pins;
    this.ids = ids;
    this.indexes = indexes;
    this.rollForward = new RollForward(slots);
  }

  /** A new attempt with each subscription. */
  Mono<FlattenReceipt> flatten(String name) {
    return Mono.defer(
        () -> {
          long startedAt = System.nanoTime();
          return resolver
              .resolve(name)
              .flatMap(
                  located ->
                      located instanceof Located.InObject managed
                          ? flatten(name, managed.entry(), startedAt)
                          : Mono.error(refusal(located)));
        });
  }

  private static CheckpointException refusal(Located located) {
    return located instanceof Located.Group group
        ? group.refusal()
        : new InvalidOptionException(
            "name", "'" + located.name() + "' is a bare file; import it first", null);
  }

  private Mono<FlattenReceipt> flatten(String name, Entry entry, long startedAt) {
    StoredFile file = entry.file();
    if (file.kind() == CheckpointKind.FULL) {
      return Mono.just(receipt(name, file, file, 0, startedAt));
    }
    return settledSlot(name, entry)
        .flatMap(
            slot ->
                Mono.usingWhen(
                    ids.next().map(Attempt::new),
                    attempt ->
                        copyAndSwitch(name, slot, attempt)
                            .map(
                                copied ->
                                    receipt(name, copied, file, copied.fileSize(), startedAt)),
                    attempt -> Mono.empty(),
                    (attempt, error) -> abandon(attempt),
                    this::abandon));
  }

  private Mono<StoredFile> copyAndSwitch(String name, Slot.Managed slot, Attempt attempt) {
    String kernelId = slot.entry().metadata().kernelId();
    return pins.hold(
        new Pins.Wanted(kernelId, attempt.id, List.of(), null, name),
        pin ->
            copy(name, slot.entry(), attempt.id())
                .flatMap(
                    copied ->
                        // The entry was read long before: who breaks the pin changes it too.
                        pin.requireHeld()
                            .then(finished(name, slot))
                            .then(switched(name, slot, attempt, copied.file()))
                            .then(remember(copied))
                            .thenReturn(copied.file())));
  }

  /**
   * The entry as it lies under its name. When its commit got no further than the head it is written
   * there now, in the place of what the commit found there, and of nothing else.
   */
  private Mono<Slot.Managed> settledSlot(String name, Entry entry) {
    return slots
        .read(name)
        .flatMap(
            slot ->
                slot instanceof Slot.Managed managed && managed.entry().equals(entry)
                    ? Mono.just(managed)
                    : rolledForward(name, slot, entry));
  }

  private Mono<Slot.Managed> rolledForward(String name, Slot slot, Entry entry) {
    return resolver
        .pending(name, slot)
        .filter(commit -> commit.entry().equals(entry))
        .switchIfEmpty(
            Mono.error(() -> new ChangedMeanwhileException(name, "of its entry", slot.version())))
        .flatMap(commit -> slots.write(name, entry, commit.base()))
        .map(written -> new Slot.Managed(written.version(), entry));
  }

  private Mono<Written.WrittenObject> copy(String name, Entry entry, ObjectId id) {
    return reader
        .open(entry.file())
        .flatMap(
            file ->
                file.header().version() == 1
                    ? written(name, entry, file, id)
                    : objects.flatten(id, file, entry.file().codec(), passed -> {}));
  }

  /** What a whole-chunk delta of version 1 stands for, written as any other checkpoint. */
  private Mono<Written.WrittenObject> written(
      String name, Entry entry, CheckpointFile file, ObjectId id) {
    return Mono.usingWhen(
        loader.checkpoint(new Opener.Opened(new Located.InObject(name, entry), file), null),
        whole -> objects.write(id, whole, entry.metadata().createdAtMicros(), null, false),
        whole -> Mono.fromRunnable(whole::close));
  }

  private Mono<Void> remember(Written.WrittenObject copied) {
    return Mono.justOrEmpty(copied.index()).flatMap(indexes::add);
  }

  /**
   * A save may have been committed upon the entry meanwhile and have got no further than the head:
   * the switch would make it void, and is refused once it is finished.
   */
  private Mono<Void> finished(String name, Slot.Managed slot) {
    return Mono.defer(() -> resolver.pending(name, slot)).flatMap(rollForward::finish);
  }

  /**
   * The switch. When its answer was lost, the name tells whether it is done; not whether it will
   * be: a request that nobody waits for any more may still arrive.
   */
  private Mono<Void> switched(String name, Slot.Managed slot, Attempt attempt, StoredFile copied) {
    return attempt
        .outcome()
        .asking(slots.write(name, slot.entry().withFile(copied), slot.version()))
        .then()
        .onErrorResume(
            e -> Failures.isRefusal(e) || Failures.isAmbiguous(e), e -> confirm(name, attempt, e));
  }

  private Mono<Void> confirm(String name, Attempt attempt, Throwable error) {
    return slots
        .read(name)
        .flatMap(
            now -> {
              if (now instanceof Slot.Managed managed
                  && managed.entry().file().objectId().equals(attempt.id())) {
                attempt.outcome().settled(true);
                return Mono.empty();
              }
              return Mono.error(error);
            });
  }

  private Mono<Void> abandon(Attempt attempt) {
    return attempt.outcome().mayBeDone()
        ? Mono.empty()
        : storage.delete(StoreNames.object(attempt.id())).then().onErrorComplete();
  }

  private static FlattenReceipt receipt(
      String name, StoredFile now, StoredFile before, long stored, long startedAt) {
    return new FlattenReceipt(
        name,
        now.objectId(),
        before.objectId(),
        stored,
        now.equals(before) ? List.of() : before.ancestors(),
        Duration.ofNanos(System.nanoTime() - startedAt));
  }

  /**
   * What must be cleaned up when a flatten ends early.
   *
   * @param id of the object that is written
   * @param outcome of the switch to it
   */
  private record Attempt(ObjectId id, Outcome outcome) {
    Attempt(ObjectId id) {
      this(id, new Outcome());
    }
  }
}
