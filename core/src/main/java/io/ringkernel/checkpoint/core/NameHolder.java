package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Makes sure that there is something under a name whose version a commit can be conditional on. */
final class NameHolder {
  private final Heads heads;
  private final Slots slots;
  private final RollForward rollForward;

  NameHolder(Heads heads, Slots slots) {
    this.heads = heads;
    this.slots = slots;
    this.rollForward = new RollForward(slots);
  }

  /**
   * What is under a name now; a placeholder is put there when it is nothing.
   *
   * @param mine the placeholder of who asks
   */
  Mono<Slot> readOrHold(String name, Placeholder mine) {
    return readOrHold(name, mine, 1);
  }

  private Mono<Slot> readOrHold(String name, Placeholder mine, int attempt) {
    return slots
        .read(name)
        .flatMap(
            slot -> {
              if (slot instanceof Slot.Absent) {
                return slots.hold(name, mine, null);
              }
              if (slot instanceof Slot.Managed managed) {
                return settled(name, managed, mine, attempt);
              }
              return slot instanceof Slot.Vacant vacant
                      && isAnother(vacant.placeholder().kernelId(), mine)
                  ? takeOver(name, vacant, mine)
                  : Mono.just(slot);
            })
        .onErrorResume(
            e ->
                (Failures.isRefusal(e) && attempt < Heads.MOST_ATTEMPTS)
                    || (Failures.isTransient(e) && attempt < Heads.MOST_LOST_ANSWERS),
            e -> readOrHold(name, mine, attempt + 1));
  }

  private static boolean isAnother(@Nullable String kernelId, Placeholder mine) {
    return kernelId != null && !kernelId.equals(mine.kernelId());
  }

  /**
   * An entry that another kernel's commit may wait to replace is written again, so that it tells
   * whose commit to look for from now on, as a placeholder does. What was committed before is
   * finished first: when it was written at last, what was committed beside it would be void, though
   * readers saw it.
   */
  private Mono<Slot> settled(String name, Slot.Managed managed, Placeholder mine, int attempt) {
    if (!isAnother(managed.awaits(), mine)) {
      return Mono.just(managed);
    }
    if (attempt >= Heads.MOST_ATTEMPTS) {
      return Mono.error(
          new ChangedMeanwhileException(
              name, managed.version(), "those of other kernels, again and again"));
    }
    return heads
        .read(managed.awaits())
        .onErrorComplete(Failures::isDamage)
        .flatMap(found -> Mono.justOrEmpty(found.head().awaited(name, managed)))
        .flatMap(
            commit ->
                rollForward
                    .finish(commit)
                    .then(Mono.defer(() -> readOrHold(name, mine, attempt + 1))))
        .switchIfEmpty(Mono.defer(() -> claim(name, managed, mine)));
  }

  /** A group needs no such mark: what it commits is under the name at once. */
  private Mono<Slot> claim(String name, Slot.Managed managed, Placeholder mine) {
    String kernelId = mine.kernelId();
    if (kernelId == null) {
      return Mono.just(managed);
    }
    Entry claimed = managed.entry().succeededBy(kernelId);
    return slots
        .write(name, claimed, managed.version())
        .map(written -> new Slot.Managed(written.version(), claimed));
  }

  /**
   * The placeholder of another kernel is replaced: readers look for the commit in the head of the
   * kernel that it names. What was committed upon it is written first: it is there until it is
   * replaced.
   */
  private Mono<Slot> takeOver(String name, Slot.Vacant vacant, Placeholder mine) {
    return Mono.justOrEmpty(vacant.placeholder().kernelId())
        .flatMap(heads::read)
        .flatMap(found -> rollForward.finish(found.head()))
        .then(Mono.defer(() -> slots.hold(name, mine, vacant.version())));
  }
}
