package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
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
   * @param request on which condition, and how it is marked
   * @param file the object, which is complete
   * @param metadata what it is a checkpoint of
   * @param imported whether it is a file that was saved as it was
   * @param claim of the writer; null when it joins whatever epoch there is
   * @param pin that keeps the object and all it refers to
   * @param origin the commit that it is a copy of; null when it is none
   */
  record Draft(
      String name,
      SaveRequest request,
      StoredFile file,
      CheckpointMetadata metadata,
      boolean imported,
      Claims.@Nullable Claim claim,
      Pin pin,
      @Nullable Origin origin) {}

  /**
   * What was committed.
   *
   * @param entry as it stands in the store
   * @param isFirst whether the kernel's head knew of none before
   * @param notes what a person should know
   */
  record Committed(Entry entry, boolean isFirst, List<String> notes) {
    Committed withNote(String note) {
      return new Committed(entry, isFirst, Stream.concat(notes.stream(), Stream.of(note)).toList());
    }
  }

  private final Heads heads;
  private final Slots slots;
  private final NameHolder holder;
  private final RollForward rollForward;
  private volatile Slot.@Nullable Vacant held;
  private final Draft draft;
  private final ObjectId nonce;
  private final Outcome outcome = new Outcome();
  private volatile boolean first;

  /** The commit whose entry this one's replaces. */
  private volatile @Nullable ObjectId replaced;

  /** What was under the name when this was committed last, and is not there any more. */
  private volatile @Nullable String voidBase;

  private final AtomicInteger attempts = new AtomicInteger();
  private final AtomicInteger lostAnswers = new AtomicInteger();

  /**
   * @param nonce tells this commit from every other
   */
  Commit(Heads heads, Slots slots, Draft draft, ObjectId nonce) {
    this.nonce = nonce;
    this.heads = heads;
    this.slots = slots;
    this.holder = new NameHolder(heads, slots);
    this.rollForward = new RollForward(slots);
    this.draft = draft;
  }

  /** Whether the commit was asked for and nobody said for certain that it was refused. */
  boolean mayHaveHappened() {
    return outcome.mayBeDone();
  }

  /** Commits; subscribed to once. */
  Mono<Committed> run() {
    return attempt().onErrorMap(e -> outcome.isUnknown(), this::unknown);
  }

  private CommitStateUnknownException unknown(Throwable error) {
    String id = draft.file().objectId().hex();
    return new CommitStateUnknownException(
        draft.name(),
        id,
        "ask the store for it (rkcp info, Checkpointer.info): it was if its object is " + id,
        error);
  }

  private Mono<Committed> attempt() {
    attempts.incrementAndGet();
    return heads
        .readOrBegin(draft.metadata().kernelId())
        .flatMap(
            found -> {
              Head.Latest done = done(found.head());
              if (done != null) {
                return place(done, 1);
              }
              if (draft.claim() != null) {
                draft.claim().requireCurrent(found.head());
              }
              // Between reading the head and writing it: who breaks the pin later changes the head.
              return draft
                  .pin()
                  .requireHeld()
                  .then(rollForward.finish(found.head()))
                  .then(holder.readOrHold(draft.name(), placeholder()))
                  .flatMap(slot -> propose(found, slot));
            });
  }

  /** This commit as a head has it, unless it is void there. */
  private Head.@Nullable Latest done(Head head) {
    return head.commits().stream()
        .filter(commit -> commit.is(nonce) && !commit.base().equals(voidBase))
        .findFirst()
        .orElse(null);
  }

  private Mono<Committed> propose(Heads.Found found, Slot slot) {
    Entry present = slot instanceof Slot.Managed managed ? managed.entry() : null;
    replaced = present == null ? null : present.mark().nonce();
    if (present != null && nonce.equals(replaced)) {
      // Committed with an answer that was lost, and rolled forward by the next writer.
      return Mono.just(committed(present));
    }
    if (draft.request().isOnlyIfAbsent() && !slot.isFree()) {
      outcome.settled();
      return Mono.error(new AlreadyExistsException(draft.name()));
    }
    if (slot instanceof Slot.Vacant vacant && !isTaken(vacant)) {
      held = vacant;
    }
    String base = Objects.requireNonNull(slot.version(), "it is held");
    if (!outcome.mayBeDone()) {
      // Else this may be what the head knows of.
      first = found.head().isNew();
    }
    return decide(found, new Head.Latest(draft.name(), base, entry(found.head())));
  }

  private Placeholder placeholder() {
    return Placeholder.of(draft.pin().id(), draft.metadata().kernelId());
  }

  /** Takes back what a commit that certainly did not happen has put under its name. */
  Mono<Void> withdraw() {
    Slot.Vacant mine = held;
    return mine == null ? Mono.empty() : slots.release(draft.name(), mine).onErrorComplete();
  }

  private Entry entry(Head head) {
    Claims.Claim claim = draft.claim();
    long epoch = claim == null ? head.epoch() : claim.epoch();
    boolean imported = draft.imported() || isLate(head);
    long sequence = imported ? head.sequence() : head.sequence() + 1;
    CommitMark mark = new CommitMark(sequence, epoch, nonce, imported);
    Entry entry =
        Entry.of(draft.file(), draft.metadata(), mark, draft.request().isSavepoint())
            .withTags(new TreeSet<>(draft.request().tags()));
    Origin origin = draft.origin();
    return origin == null ? entry : entry.copiedFrom(origin);
  }

  /** Another process on the same near tier has sent a later commit by now. */
  private boolean isLate(Head head) {
    Origin ours = draft.origin();
    Head.Latest latest = head.latest();
    Origin theirs = latest == null ? null : latest.entry().origin();
    return ours != null && theirs != null && ours.isNotAfter(theirs);
  }

  /** What is saved as it was may be older than what the kernel has, and is not its newest then. */
  private Head next(Head head, Head.Latest commit) {
    Head.Latest latest = head.latest();
    boolean older =
        draft.imported()
            && latest != null
            && Newest.CAPTURED.compare(draft.metadata(), latest.entry().metadata()) <= 0;
    return older || isLate(head) ? head.withImport(commit) : head.committed(commit);
  }

  /** The commit itself. After an answer that was lost, the head is read again: the nonce tells. */
  private Mono<Committed> decide(Heads.Found found, Head.Latest latest) {
    return outcome
        .asking(heads.write(found, next(found.head(), latest)))
        .map(written -> place(latest, 1))
        .onErrorResume(e -> Mono.just(decideAgain(e)))
        .flatMap(next -> next);
  }

  private Mono<Committed> decideAgain(Throwable error) {
    if (Failures.isRefusal(error)) {
      return attempts.get() < Again.MOST_ATTEMPTS ? attempt() : Mono.error(error);
    }
    if (!Failures.isAmbiguous(error)) {
      return Mono.error(error);
    }
    int lost = lostAnswers.incrementAndGet();
    return Failures.isTransient(error) && lost < Again.MOST_LOST_ANSWERS
        ? attempt()
        : confirm(error);
  }

  /** Looks for the commit one last time before its failure is reported. */
  private Mono<Committed> confirm(Throwable error) {
    return heads
        .read(draft.metadata().kernelId())
        .flatMap(
            found -> {
              Head.Latest done = done(found.head());
              return done != null ? place(done, 1) : placed(error, null);
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
                return placed(e, latest);
              }
              if (Failures.isTransient(e) && tries < Again.MOST_LOST_ANSWERS) {
                return place(latest, tries + 1);
              }
              String note =
                  "its entry is still to be written by the kernel's next save: " + e.getMessage();
              return Mono.just(new Committed(latest.entry(), first, List.of(note)));
            });
  }

  /**
   * Committed if the entry is under its name, whoever wrote it there. If what it was to replace is
   * there still, and was only tagged, fenced or flattened, this is void and done again, and so is
   * one whose own placeholder was fenced; else the error.
   *
   * @param refused whose entry was not written, as the name held something else; null when none was
   */
  private Mono<Committed> placed(Throwable error, Head.@Nullable Latest refused) {
    return slots
        .read(draft.name())
        .flatMap(
            slot -> {
              if (slot instanceof Slot.Managed managed
                  && nonce.equals(managed.entry().mark().nonce())) {
                return Mono.just(committed(managed.entry()));
              }
              if (refused == null) {
                outcome.settledUnlessOnItsWay();
              } else {
                // The head has changed since: no earlier request can hold any more.
                outcome.settled();
                if (isFenced(slot) && attempts.get() < Again.MOST_ATTEMPTS) {
                  voidBase = refused.base();
                  return attempt();
                }
              }
              return Mono.error(
                  draft.request().isOnlyIfAbsent() && isTaken(slot) && Failures.isRefusal(error)
                      ? new AlreadyExistsException(draft.name())
                      : error);
            });
  }

  /** Whether it is what this was to replace, but for what says nothing of its state. */
  private boolean isFenced(Slot slot) {
    return slot instanceof Slot.Managed managed
        ? managed.entry().mark().nonce().equals(replaced)
        : slot instanceof Slot.Vacant && !isTaken(slot);
  }

  /**
   * Whether somebody else has the name, or is about to: asking for it again could bring back what
   * others have seen and removed.
   */
  private boolean isTaken(Slot slot) {
    return slot instanceof Slot.Vacant vacant
        ? !vacant.placeholder().pin().equals(draft.pin().id())
        : !slot.isFree();
  }

  private Committed committed(Entry entry) {
    return new Committed(entry, first, List.of());
  }
}
