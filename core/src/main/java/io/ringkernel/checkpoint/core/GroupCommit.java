package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The commit of a group: one conditional write of its manifest. For one use. */
final class GroupCommit {
  private final Slots slots;
  private final NameHolder holder;
  private final String name;
  private final boolean onlyIfAbsent;
  private final GroupManifest manifest;
  private final Pin pin;
  private final Outcome outcome = new Outcome();
  private volatile Slot.@Nullable Vacant held;

  GroupCommit(
      Heads heads,
      Slots slots,
      String name,
      boolean onlyIfAbsent,
      GroupManifest manifest,
      Pin pin) {
    this.slots = slots;
    this.holder = new NameHolder(heads, slots);
    this.name = name;
    this.onlyIfAbsent = onlyIfAbsent;
    this.manifest = manifest;
    this.pin = pin;
  }

  /** Whether the write was asked for and nobody said for certain that it was refused. */
  boolean mayHaveHappened() {
    return outcome.mayBeDone();
  }

  /** Commits; subscribed to once. */
  Mono<Void> run() {
    return attempt(1).onErrorMap(e -> outcome.isUnknown(), e -> unknown(name, manifest.cut(), e));
  }

  /** What is told when the end of a commit is not known. */
  static CommitStateUnknownException unknown(String name, HlcTimestamp time, Throwable error) {
    String cut = time.toString();
    return new CommitStateUnknownException(
        name,
        cut,
        "ask the store for it (rkcp info, Groups.info): it was if its cut is " + cut,
        error);
  }

  private Mono<Void> attempt(int attempt) {
    return holder
        .readOrHold(name, Placeholder.of(pin.id(), null))
        .flatMap(slot -> isOurs(slot) ? Mono.empty() : write(slot, attempt));
  }

  /** Takes back what a commit that certainly did not happen has put under its name. */
  Mono<Void> withdraw() {
    Slot.Vacant mine = held;
    return mine == null ? Mono.empty() : slots.release(name, mine).onErrorComplete();
  }

  private boolean isOurs(Slot slot) {
    return slot instanceof Slot.Group group && group.manifest().isAs(manifest);
  }

  private Mono<Void> write(Slot slot, int attempt) {
    if (onlyIfAbsent && !slot.isFree()) {
      outcome.settled();
      return Mono.error(new AlreadyExistsException(name));
    }
    if (slot instanceof Slot.Vacant mine) {
      held = mine;
    }
    String base = Objects.requireNonNull(slot.version(), "it is held");
    // Between reading what is there and replacing it: who breaks the pin later changes that.
    return pin.requireHeld().then(replace(base, attempt));
  }

  private Mono<Void> replace(String base, int attempt) {
    return outcome
        .asking(slots.write(name, manifest, base))
        .then()
        .onErrorResume(e -> decideAgain(e, attempt));
  }

  private Mono<Void> missing(Throwable error) {
    outcome.settledUnlessOnItsWay();
    return Mono.error(error);
  }

  private Mono<Void> decideAgain(Throwable error, int attempt) {
    if (Failures.isRefusal(error)) {
      // Refused, unless it is the answer to an earlier attempt that was lost.
      return slots
          .read(name)
          .flatMap(
              slot -> {
                boolean done = isOurs(slot);
                outcome.settled(done);
                return done ? Mono.empty() : Mono.error(error);
              });
    }
    return Failures.isTransient(error) && attempt < Again.MOST_LOST_ANSWERS
        ? attempt(attempt + 1)
        : slots.read(name).flatMap(slot -> isOurs(slot) ? Mono.empty() : missing(error));
  }
}
