package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.List;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The commit of one object: the conditional write of its kernel's head, then of the entry under its
 * name. {@code docs/store.md} says why this is atomic. For one use.
 */
final class Commit {
  /**
   * What is to be committed.
   *
   * @param name where the entry belongs
   * @param onlyIfAbsent whether nothing may be there
   * @param file the object, which is complete
   * @param metadata what it is a checkpoint of
   * @param savepoint whether pruning never touches it
   * @param claim of the writer; null when it joins whatever epoch there is
   * @param pin that keeps the object and all it refers to
   * @param copied what goes along from another store; null when it is no copy
   */
  record Draft(
      String name,
      boolean onlyIfAbsent,
      StoredFile file,
      CheckpointMetadata metadata,
      boolean savepoint,
      Claims.@Nullable Claim claim,
      Pin pin,
      @Nullable Copied copied) {}

  /**
   * What a copy takes along from the entry that it is a copy of.
   *
   * @param origin the commit
   * @param tags to be kept
   */
  record Copied(Origin origin, SortedSet<String> tags) {}

  /**
   * What was committed.
   *
   * @param entry as it stands in the store
   * @param notes what a person should know
   */
  record Committed(Entry entry, List<String> notes) {}

  private final Heads heads;
  private final Slots slots;
  private final RollForward rollForward;
  private final Draft draft;
  private final ObjectId nonce;
  private volatile boolean undecided;
  private final AtomicInteger lostAnswers = new AtomicInteger();

  /**
   * @param nonce tells this commit from every other
   */
  Commit(Heads heads, Slots slots, Draft draft, ObjectId nonce) {
    this.nonce = nonce;
    this.heads = heads;
    this.slots = slots;
    this.rollForward = new RollForward(heads, slots);
    this.draft = draft;
  }

  /** Whether the commit was asked for and nobody said for certain that it was refused. */
  boolean mayHaveHappened() {
    return undecided;
  }

  /** Commits; subscribed to once. */
  Mono<Committed> run() {
    return attempt(1);
  }

  private Mono<Committed> attempt(int attempt) {
    return heads
        .read(draft.metadata().kernelId())
        .flatMap(
            found -> {
              Head.Latest latest = found.head().latest();
              if (latest != null && latest.is(nonce)) {
                return place(latest, 1);
              }
              if (draft.claim() != null) {
                draft.claim().requireCurrent(found.head());
              }
              // Between reading the head and writing it: who breaks the pin later changes the head.
              return draft
                  .pin()
                  .requireHeld()
                  .then(rollForward.finish(latest))
                  .then(slots.read(draft.name()))
                  .flatMap(slot -> propose(found, slot, attempt));
            });
  }

  private Mono<Committed> propose(Heads.Found found, Slot slot, int attempt) {
    Entry present = slot instanceof Slot.Managed managed ? managed.entry() : null;
    if (present != null && present.mark().nonce().equals(nonce)) {
      // Committed with an answer that was lost, and rolled forward by the next writer.
      return Mono.just(committed(present));
    }
    if (draft.onlyIfAbsent() && !(slot instanceof Slot.Absent)) {
      return Mono.error(new AlreadyExistsException(draft.name()));
    }
    Head.Latest latest = new Head.Latest(draft.name(), slot.version(), entry(found.head()));
    return settleOther(present).then(decide(found, latest, attempt));
  }

  /** An entry of another kernel that is replaced must not come back through that kernel's head. */
  private Mono<Void> settleOther(@Nullable Entry present) {
    return present == null || present.isOf(draft.metadata().kernelId())
        ? Mono.empty()
        : heads.settle(present.metadata().kernelId(), present.mark().nonce());
  }

  private Entry entry(Head head) {
    Claims.Claim claim = draft.claim();
    long epoch = claim == null ? head.epoch() : claim.epoch();
    CommitMark mark = new CommitMark(head.sequence() + 1, epoch, nonce);
    Entry entry = Entry.of(draft.file(), draft.metadata(), mark, draft.savepoint());
    Copied copied = draft.copied();
    return copied == null ? entry : entry.withTags(copied.tags()).copiedFrom(copied.origin());
  }

  /** The commit itself. After an answer that was lost, the head is read again: the nonce tells. */
  private Mono<Committed> decide(Heads.Found found, Head.Latest latest, int attempt) {
    return Mono.defer(
        () -> {
          boolean before = undecided;
          undecided = true;
          return heads
              .write(found, found.head().committed(latest))
              .doOnError(Failures::isRefusal, e -> undecided = before)
              .map(written -> place(latest, 1))
              .onErrorResume(e -> Mono.just(decideAgain(e, attempt)))
              .flatMap(next -> next);
        });
  }

  private Mono<Committed> decideAgain(Throwable error, int attempt) {
    if (Failures.isRefusal(error)) {
      return attempt < Heads.MOST_ATTEMPTS ? attempt(attempt + 1) : Mono.error(error);
    }
    if (!Failures.isAmbiguous(error)) {
      return Mono.error(error);
    }
    int lost = lostAnswers.incrementAndGet();
    return Failures.isTransient(error) && lost < Heads.MOST_LOST_ANSWERS
        ? attempt(attempt + 1)
        : confirm(error);
  }

  /** Looks for the commit one last time before its failure is reported. */
  private Mono<Committed> confirm(Throwable error) {
    return heads
        .read(draft.metadata().kernelId())
        .flatMap(
            found -> {
              Head.Latest latest = found.head().latest();
              return latest != null && latest.is(nonce) ? place(latest, 1) : placed(error);
            });
  }

  /**
   * Writes the entry. The commit stands whether this succeeds or not, unless the name was taken.
   */
  private Mono<Committed> place(Head.Latest latest, int tries) {
    return slots
        .write(latest.name(), latest.entry(), latest.base())
        .thenReturn(committed(latest.entry()))
        .onErrorResume(
            e -> {
              if (Failures.isRefusal(e)) {
                return placed(e);
              }
              if (Failures.isTransient(e) && tries < Heads.MOST_LOST_ANSWERS) {
                return place(latest, tries + 1);
              }
              String note = "its entry is still to be written by the kernel's next save: " + e;
              return Mono.just(new Committed(latest.entry(), List.of(note)));
            });
  }

  /** Committed if the entry is under its name, whoever wrote it there; else the error. */
  private Mono<Committed> placed(Throwable error) {
    return slots
        .read(draft.name())
        .ofType(Slot.Managed.class)
        .map(Slot.Managed::entry)
        .filter(entry -> entry.mark().nonce().equals(nonce))
        .map(entry -> committed(entry))
        .switchIfEmpty(Mono.error(error));
  }

  private Committed committed(Entry entry) {
    return new Committed(entry, List.of());
  }
}
