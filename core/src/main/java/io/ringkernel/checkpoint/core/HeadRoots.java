package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.FirstFailure;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What commits refer to whose entry is not under its name yet. Such a commit is finished: else what
 * it replaces would be kept for as long as nobody saves its kernel again.
 */
final class HeadRoots implements RootSource {
  private static final int READS_IN_FLIGHT = 16;

  private final Heads heads;
  private final Slots slots;
  private final RollForward rollForward;

  HeadRoots(Heads heads, Slots slots, RollForward rollForward) {
    this.heads = heads;
    this.slots = slots;
    this.rollForward = rollForward;
  }

  @Override
  public Flux<ObjectId> roots(Scan scan) {
    return FirstFailure.of(
            heads.allOrNone().doOnNext(scan::rememberHead),
            head -> objects(scan, head).collectList(),
            READS_IN_FLIGHT)
        .flatMapIterable(found -> found);
  }

  private Flux<ObjectId> objects(Scan scan, Head head) {
    return Flux.fromIterable(head.commits()).concatMap(commit -> objects(scan, commit), 1);
  }

  private Flux<ObjectId> objects(Scan scan, Head.Latest commit) {
    return slots
        .read(commit.name())
        .filter(slot -> slot.holds(commit.base()))
        .flatMapMany(
            slot -> finish(scan, commit).thenMany(Flux.fromStream(() -> commit.entry().objects())));
  }

  /** One that can't be finished counts all the same, and so does what it replaces. */
  private Mono<Void> finish(Scan scan, Head.Latest commit) {
    if (scan.mayChange()) {
      return rollForward
          .finish(commit)
          .onErrorResume(
              StorageException.class, e -> Mono.fromRunnable(() -> scan.note(told(commit, e))));
    }
    return Mono.fromRunnable(() -> scan.foresee(commit));
  }

  private static String told(Head.Latest commit, StorageException error) {
    return "the entry of '"
        + commit.name()
        + "' could not be written, so that what it replaces is kept: "
        + error.getMessage();
  }
}
