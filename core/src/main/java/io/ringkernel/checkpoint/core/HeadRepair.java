package io.ringkernel.checkpoint.core;

import static java.util.Objects.requireNonNull;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Writes a head anew from what lies under names. {@code docs/store.md} says what it can't know.
 *
 * <p>What is there is read after the damaged head, and the new one is written only in that one's
 * place: so no commit comes in between. Before, whatever a commit of the lost head may wait to
 * replace is written again: its writer may sleep, and once nothing knows of the commit, its objects
 * are garbage.
 */
final class HeadRepair {
  /**
   * How far the numbers are raised: further than commits and claims that left no trace may have
   * come, as those whose checkpoints were all removed.
   */
  static final long GAP = 1_000_000_000;

  private static final int CALLS_IN_FLIGHT = 16;

  private final CheckpointStorage storage;
  private final Heads heads;
  private final Slots slots;
  private final UserNames names;
  private final RollForward rollForward;
  private final RandomIds ids;
  private final Function<ObjectId, Mono<CheckpointMetadata>> metadata;

  /**
   * @param metadata of an object
   */
  HeadRepair(
      CheckpointStorage storage,
      RandomIds ids,
      Function<ObjectId, Mono<CheckpointMetadata>> metadata) {
    this.metadata = metadata;
    this.storage = storage;
    SmallObjects small = new SmallObjects(storage);
    this.heads = new Heads(storage, small);
    this.slots = new Slots(small);
    this.names = new UserNames(storage, slots);
    this.rollForward = new RollForward(slots);
    this.ids = ids;
  }

  /** A new attempt with each subscription. */
  Mono<RepairReceipt> repair(String kernelId) {
    return Mono.defer(
        () -> {
          long startedAt = System.nanoTime();
          return ids.next().flatMap(id -> attempt(new Repair(kernelId, id, startedAt), 1));
        });
  }

  private Mono<RepairReceipt> attempt(Repair repair, int attempt) {
    return heads
        .inspect(repair.kernelId)
        .flatMap(
            found ->
                found.head() == null || found.version() == null
                    ? repair.rebuilt(found)
                    : repair.caughtUp())
        .onErrorResume(
            e ->
                (Failures.isRefusal(e) && attempt < Heads.MOST_ATTEMPTS)
                    || (Failures.isTransient(e) && attempt < Heads.MOST_LOST_ANSWERS),
            e -> attempt(repair, attempt + 1));
  }

  private static long above(long number) {
    long room = ~number; // to the highest there is
    boolean wide = Long.compareUnsigned(room, 2 * GAP) >= 0;
    return number + (wide ? GAP : room >>> 1);
  }

  /** The repair of one kernel's head. */
  private final class Repair {
    private final String kernelId;
    private final ObjectId id;
    private final long startedAt;
    private final List<String> finished = new ArrayList<>();

    Repair(String kernelId, ObjectId id, long startedAt) {
      this.kernelId = kernelId;
      this.id = id;
      this.startedAt = startedAt;
    }

    private Mono<KernelTraces> traces() {
      return names.readable().collect(() -> new KernelTraces(kernelId), KernelTraces::add);
    }

    /** A head that is there and whole is only compared with what there is. */
    Mono<RepairReceipt> caughtUp() {
      return traces()
          .flatMap(
              traces ->
                  // Read after the names: a commit is in it before it is under one.
                  heads.inspect(kernelId).flatMap(found -> caughtUp(found, traces)));
    }

    private Mono<RepairReceipt> caughtUp(Heads.Inspected found, KernelTraces traces) {
      Head head = found.head();
      if (head == null || found.version() == null) {
        return Mono.error(
            new ChangedMeanwhileException(StoreNames.head(kernelId), "a whole head", "none"));
      }
      CheckpointException finding = found.lacking(traces.sequence());
      if (finding == null) {
        return Mono.just(receipt(null, head, traces, List.of()));
      }
      Head next =
          head.raised(
                  above(traces.sequence()), above(CommitMark.higher(head.epoch(), traces.epoch())))
              .orNewest(traces.newest().orElse(null));
      // What its own commits wait to replace is replaced; what those of the lost one do, is not.
      return rollForward.finish(head).then(replaced(found, next, traces, finding));
    }

    /** A head of which nothing is left. */
    Mono<RepairReceipt> rebuilt(Heads.Inspected found) {
      return Flux.fromIterable(found.remains())
          .concatMap(this::finish, 1)
          .then(Mono.defer(this::traces))
          .flatMap(
              traces -> {
                found.remains().forEach(commit -> traces.count(commit.entry()));
                return found.version() == null && traces.isEmpty()
                    ? Mono.error(unknown())
                    : rebuilt(
                        found,
                        traces,
                        requireNonNull(found.lacking(traces.sequence()), "it is lost"));
              });
    }

    private Mono<RepairReceipt> rebuilt(
        Heads.Inspected found, KernelTraces traces, CheckpointException finding) {
      Head next =
          new Head(
              kernelId,
              above(traces.sequence()),
              above(traces.epoch()),
              // Nobody's, as long as nobody was seen to claim the kernel.
              traces.epoch() == 0 ? null : id,
              0,
              traces.newest().orElse(null),
              null,
              List.of());
      return replaced(found, next, traces, finding);
    }

    private Mono<RepairReceipt> replaced(
        Heads.Inspected found, Head next, KernelTraces traces, CheckpointException finding) {
      return fence(traces)
          .then(undecided(traces))
          .flatMap(open -> written(found, next).thenReturn(receipt(finding, next, traces, open)));
    }

    private CheckpointNotFoundException unknown() {
      return new CheckpointNotFoundException(
          kernelId, "the store has neither a head nor a checkpoint of this kernel");
    }

    /** Writes an entry that was in the lost head, if it still counts and its objects are there. */
    private Mono<Void> finish(Head.Latest commit) {
      return slots
          .read(commit.name())
          .filter(slot -> slot.awaited(Stream.of(commit)).isPresent())
          .flatMap(
              slot ->
                  Flux.fromStream(commit.entry().objects())
                      .flatMap(object -> storage.exists(StoreNames.object(object)), CALLS_IN_FLIGHT)
                      .all(there -> there))
          .filter(there -> there)
          .flatMap(there -> rollForward.finish(commit).then(slots.read(commit.name())))
          .doOnNext(
              now -> {
                if (now instanceof Slot.Managed managed
                    && commit.is(managed.entry().mark().nonce())) {
                  finished.add(commit.name());
                }
              })
          .then();
    }

    /** What changed since it was read can't be replaced by an older commit any more. */
    private Mono<Void> fence(KernelTraces traces) {
      return Flux.fromIterable(traces.awaiting())
          .flatMap(
              named ->
                  slots
                      .fence(named.name(), named.slot())
                      // One of several that met a full storage has given up the reserve for all.
                      .retryWhen(
                          Retry.max(1)
                              .filter(SpaceReserve::mayBeFull)
                              .onRetryExhaustedThrow((retry, signal) -> signal.failure()))
                      .onErrorComplete(Failures::isRefusal),
              CALLS_IN_FLIGHT)
          .then();
    }

    /**
     * The objects of the kernel that nothing refers to and that were not stored before that of its
     * newest checkpoint: a commit that stood in the head alone was the newest.
     */
    private Mono<List<ObjectId>> undecided(KernelTraces traces) {
      return storage
          .list(StoreNames.OBJECTS)
          .collectMap(StoredObject::name, StoredObject::lastModified, TreeMap::new)
          .flatMapMany(
              stored -> {
                Instant since =
                    traces
                        .newest()
                        .map(commit -> StoreNames.object(commit.entry().file().objectId()))
                        .map(stored::get)
                        .orElse(Instant.MIN);
                return Flux.fromIterable(stored.entrySet())
                    .filter(object -> !object.getValue().isBefore(since))
                    .flatMapIterable(
                        object -> StoreNames.objectId(object.getKey()).stream().toList())
                    .filter(object -> !traces.refersTo(object));
              })
          .flatMapSequential(
              object ->
                  metadata
                      .apply(object)
                      .filter(its -> its.kernelId().equals(kernelId))
                      .onErrorComplete(Failures::isUnreadable)
                      .map(its -> object),
              CALLS_IN_FLIGHT)
          .collectList();
    }

    /** The one write. When its answer was lost, the head tells. */
    private Mono<Void> written(Heads.Inspected found, Head next) {
      return heads
          .write(new Heads.Found(next, found.version()), next)
          .then()
          .onErrorResume(
              Failures::isAmbiguous,
              e ->
                  heads
                      .inspect(kernelId)
                      .filter(now -> next.equals(now.head()))
                      .switchIfEmpty(Mono.error(e))
                      .then());
    }

    /** The newest that a head knows may be removed by now. */
    private RepairReceipt receipt(
        @Nullable CheckpointException finding,
        Head head,
        KernelTraces traces,
        List<ObjectId> open) {
      Head.Latest latest = traces.has(head.latest()) ? head.latest() : traces.newest().orElse(null);
      return new RepairReceipt(
          kernelId,
          StoreNames.head(kernelId),
          finding,
          head.sequence(),
          latest == null ? null : latest.name(),
          finished,
          open,
          Duration.ofNanos(System.nanoTime() - startedAt));
    }
  }
}
