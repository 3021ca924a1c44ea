package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/** Sets and removes tags: writes entries, never objects. */
final class Tagger {
  private final Slots slots;
  private final Resolver resolver;
  private final RollForward rollForward;

  Tagger(Slots slots, Resolver resolver) {
    this.slots = slots;
    this.resolver = resolver;
    this.rollForward = new RollForward(slots);
  }

  Mono<CheckpointInfo> tag(String name, String tag) {
    return Mono.defer(
        () -> {
          Tags.require(tag);
          return change(StoreNames.requireUserName(name), tags -> tags.add(tag));
        });
  }

  Mono<CheckpointInfo> untag(String name, String tag) {
    return Mono.defer(() -> change(StoreNames.requireUserName(name), tags -> tags.remove(tag)));
  }

  private Mono<CheckpointInfo> change(String name, Consumer<SortedSet<String>> change) {
    return slots
        .read(name)
        .flatMap(
            slot ->
                resolver
                    .pending(name, slot)
                    // A tag on it must not be lost when its entry is written later.
                    .flatMap(commit -> rollForward.finish(commit).then(slots.read(name)))
                    .defaultIfEmpty(slot))
        .flatMap(slot -> changed(name, slot, change))
        .retryWhen(Again.afterRefusal());
  }

  private Mono<CheckpointInfo> changed(String name, Slot slot, Consumer<SortedSet<String>> change) {
    if (slot instanceof Slot.Managed managed) {
      SortedSet<String> tags = new TreeSet<>(managed.entry().tags());
      change.accept(tags);
      Entry entry = managed.entry().withTags(tags);
      Mono<?> written =
          tags.equals(managed.entry().tags())
              ? Mono.empty()
              : slots.write(name, entry, Objects.requireNonNull(slot.version(), "it is there"));
      return written.then(Mono.fromSupplier(() -> entry.info(name)));
    }
    if (slot instanceof Slot.Unreadable unreadable) {
      return Mono.error(unreadable.problem());
    }
    if (slot instanceof Slot.Group group) {
      return Mono.error(new Located.Group(name, group.manifest()).refusal());
    }
    return Mono.error(
        slot.isFree()
            ? new CheckpointNotFoundException(name)
            : new InvalidNameException(
                name, "it is a bare file, which has no tags; import it into the store first"));
  }
}
