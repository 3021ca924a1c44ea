package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The commit of a group: one conditional write of its manifest. For one use. */
final class GroupCommit {
  private final Heads heads;
  private final Slots slots;
  private final String name;
  private final boolean onlyIfAbsent;
  private final GroupManifest manifest;
  private volatile boolean undecided;

  GroupCommit(Heads heads, Slots slots, String name, boolean onlyIfAbsent, GroupManifest manifest) {
    this.heads = heads;
    this.slots = slots;
    this.name = name;
    this.onlyIfAbsent = onlyIfAbsent;
    this.manifest = manifest;
  }

  /** Whether the write was asked for and nobody said for certain that it was refused. */
  boolean mayHaveHappened() {
    return undecided;
  }

  /** Commits; subscribed to once. */
  Mono<Void> run() {
    return attempt(1);
  }

  private Mono<Void> attempt(int attempt) {
    return slots.read(name).flatMap(slot -> isOurs(slot) ? Mono.empty() : write(slot, attempt));
  }

  private boolean isOurs(Slot slot) {
    return slot instanceof Slot.Group group && group.manifest().nonce().equals(manifest.nonce());
  }

  private Mono<Void> write(Slot slot, int attempt) {
    if (onlyIfAbsent && !(slot instanceof Slot.Absent)) {
      return Mono.error(new AlreadyExistsException(name));
    }
    return settle(slot)
        .then(Mono.fromRunnable(() -> undecided = true))
        .then(slots.write(name, manifest, slot.version()))
        .then()
        .onErrorResume(e -> decideAgain(e, attempt));
  }

  /** A checkpoint that is replaced must not come back through its kernel's head. */
  private Mono<Void> settle(Slot slot) {
    @Nullable Entry entry = slot instanceof Slot.Managed managed ? managed.entry() : null;
    return entry == null
        ? Mono.empty()
        : heads.settle(entry.metadata().kernelId(), entry.mark().nonce());
  }

  private Mono<Void> decideAgain(Throwable error, int attempt) {
    if (Failures.isRefusal(error)) {
      // Refused, unless it is the answer to an earlier attempt that was lost.
      return slots
          .read(name)
          .flatMap(
              slot -> {
                undecided = isOurs(slot);
                return undecided ? Mono.empty() : Mono.error(error);
              });
    }
    return Failures.isTransient(error) && attempt < Heads.MOST_LOST_ANSWERS
        ? attempt(attempt + 1)
        : slots.read(name).flatMap(slot -> isOurs(slot) ? Mono.<Void>empty() : Mono.error(error));
  }
}
