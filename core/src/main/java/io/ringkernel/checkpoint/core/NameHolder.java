package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import java.util.Objects;
import reactor.core.publisher.Mono;

/** Makes sure that there is something under a name whose version a commit can be conditional on. */
final class NameHolder {
  private final Slots slots;
  private final Resolver resolver;
  private final RollForward rollForward;

  NameHolder(Heads heads, Slots slots) {
    this.slots = slots;
    this.resolver = new Resolver(heads, slots);
    this.rollForward = new RollForward(slots);
  }

  /**
   * What is under a name now; a placeholder is put there when it is nothing.
   *
   * @param mine the placeholder of who asks
   */
  Mono<Slot> readOrHold(String name, Placeholder mine) {
    return slots
        .settled(name)
        .flatMap(
            slot -> {
              if (slot instanceof Slot.Absent) {
                return slots.hold(name, mine, null);
              }
              return mayAwaitAnother(slot, mine) ? settled(name, slot, mine) : Mono.just(slot);
            })
        .flatMap(slot -> kept(name, slot, mine))
        .retryWhen(Again.afterRefusalOrLostAnswer());
  }

  /**
   * Whoever put a placeholder there, it may be in the place of a folder; and an answer may have
   * been lost before that was looked for.
   */
  private Mono<Slot> kept(String name, Slot slot, Placeholder mine) {
    if (!(slot instanceof Slot.Vacant vacant)) {
      return Mono.just(slot);
    }
    boolean isMine = vacant.placeholder().pin().equals(mine.pin());
    return slots
        .folders()
        .keepPlace(name)
        .onErrorResume(
            InvalidNameException.class,
            e ->
                (isMine ? slots.giveUp(name, vacant.version()) : Mono.<Void>empty())
                    .then(Mono.error(e)))
        .thenReturn(slot);
  }

  private static boolean mayAwaitAnother(Slot slot, Placeholder mine) {
    if (slot instanceof Slot.Vacant vacant && vacant.placeholder().equals(mine)) {
      return false;
    }
    String kernelId = slot.awaits();
    return kernelId == null || !kernelId.equals(mine.kernelId());
  }

  /**
   * What was committed before is finished first: of two commits that wait for one thing, the second
   * would be void as soon as the first is finished, though readers saw it. It begins again then.
   */
  private Mono<Slot> settled(String name, Slot slot, Placeholder mine) {
    return resolver
        .pending(name, slot)
        .flatMap(
            commit -> rollForward.finish(commit).then(Mono.<Slot>error(() -> passed(name, slot))))
        .switchIfEmpty(Mono.defer(() -> claim(name, slot, mine)));
  }

  /** What was read is not there any more, but what was committed to follow it. */
  private static ChangedMeanwhileException passed(String name, Slot slot) {
    return new ChangedMeanwhileException(
        name,
        Objects.requireNonNull(slot.version(), "it is there"),
        "those of other kernels, again and again");
  }

  /**
   * The placeholder of somebody else is replaced, and an entry is written again: both tell from now
   * on whose commit to look for. A group needs no such mark on an entry: what it commits is under
   * the name at once. Nobody can write into bare files and groups.
   */
  private Mono<Slot> claim(String name, Slot slot, Placeholder mine) {
    if (slot instanceof Slot.Vacant vacant) {
      return slots.hold(name, mine, vacant.version());
    }
    String kernelId = mine.kernelId();
    if (kernelId == null || !(slot instanceof Slot.Managed managed)) {
      return Mono.just(slot);
    }
    Entry claimed = managed.entry().succeededBy(kernelId);
    return slots
        .write(name, claimed, managed.version())
        .map(written -> new Slot.Managed(written.version(), claimed));
  }
}
