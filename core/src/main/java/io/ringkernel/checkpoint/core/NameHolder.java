package io.ringkernel.checkpoint.core;

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
              return slot instanceof Slot.Vacant vacant && isOfAnotherKernel(vacant, mine)
                  ? takeOver(name, vacant, mine)
                  : Mono.just(slot);
            })
        .onErrorResume(
            e ->
                (Failures.isRefusal(e) && attempt < Heads.MOST_ATTEMPTS)
                    || (Failures.isTransient(e) && attempt < Heads.MOST_LOST_ANSWERS),
            e -> readOrHold(name, mine, attempt + 1));
  }

  /** Readers look for the commit in the head of the kernel that the placeholder names. */
  private static boolean isOfAnotherKernel(Slot.Vacant vacant, Placeholder mine) {
    String theirs = vacant.placeholder().kernelId();
    return theirs != null && !theirs.equals(mine.kernelId());
  }

  /** What was committed upon the placeholder is written first: it is there until it is replaced. */
  private Mono<Slot> takeOver(String name, Slot.Vacant vacant, Placeholder mine) {
    return Mono.justOrEmpty(vacant.placeholder().kernelId())
        .flatMap(heads::read)
        .flatMap(found -> rollForward.finish(found.head()))
        .then(Mono.defer(() -> slots.hold(name, mine, vacant.version())));
  }
}
