package io.ringkernel.checkpoint.core;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElseGet;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
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
  private final Resolver resolver;
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
    this.resolver = new Resolver(heads, slots);
    this.rollForward = new RollForward(slots);
    this.ids = ids;
  }

  /** A new attempt with each subscription. */
  Mono<RepairReceipt> repair(String kernelId) {
    return Mono.defer(
        () -> {
          long startedAt = System.nanoTime();
          return ids.next().flatMap(id -> repair(new Repair(kernelId, id, startedAt)));
        });
  }

  private Mono<RepairReceipt> repair(Repair repair) {
    return heads
        .inspect(repair.kernelId)
        .flatMap(
            found -> {
              HeadDamage lost = found.isLost() ? found.lacking(0) : null;
              return lost == null ? repair.compared(found) : repair.mended(found, lost);
            })
        .retryWhen(Again.afterRefusalOrLostAnswer());
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

    private Mono<KernelTraces> traces(Function<UserNames.Named, Mono<UserNames.Named>> seen) {
      return FirstFailure.of(names.all(), seen, CALLS_IN_FLIGHT)
          .collect(() -> new KernelTraces(kernelId), KernelTraces::add);
    }

    /** A head that is there and whole is only compared with what there is. */
    Mono<RepairReceipt> compared(Heads.Inspected found) {
      return traces(named -> Mono.just(awaited(named, found.commits())))
          .flatMap(
              traces ->
                  // Read after the names: a commit is in it before it is under one.
                  heads.inspect(kernelId).flatMap(now -> compared(now, traces)));
    }

    private Mono<RepairReceipt> compared(Heads.Inspected found, KernelTraces traces) {
      HeadDamage damage = found.lacking(traces.numbers());
      return damage == null
          ? Mono.just(receipt(null, requireNonNull(found.head(), "it is whole"), traces))
          : mended(found, damage);
    }

    /**
     * What readers see under a name: a commit of the head's that waits to replace what is there.
     */
    private UserNames.Named awaited(UserNames.Named named, List<Head.Latest> commits) {
      Slot slot = named.slot();
      String version = slot.version();
      return slot.awaited(commits.stream().filter(commit -> commit.name().equals(named.name())))
          .filter(commit -> version != null)
          .map(commit -> new Slot.Managed(requireNonNull(version), commit.entry()))
          .map(managed -> new UserNames.Named(named.name(), managed))
          .orElse(named);
    }

    /** A head of which nothing is left, or that knows less than there is. */
    Mono<RepairReceipt> mended(Heads.Inspected found, HeadDamage damage) {
      return Flux.fromIterable(found.commits())
          .concatMap(this::finish, 1)
          .then(Mono.defer(() -> traces(this::settled)))
          .flatMap(
              traces -> {
                found.commits().forEach(commit -> traces.count(commit.entry()));
                return found.version() == null && traces.isEmpty()
                    ? Mono.error(unknown())
                    : mended(found, damage, traces);
              });
    }

    private Mono<RepairReceipt> mended(
        Heads.Inspected found, HeadDamage damage, KernelTraces traces) {
      Head head = requireNonNullElseGet(found.head(), () -> Head.initial(kernelId));
      long above = above(CommitMark.higher(head.sequence(), traces.numbers().highest()));
      boolean hasLostCount = !found.isLost() || traces.numbers().areDoubled();
      List<UserNames.Named> renumbered = hasLostCount ? traces.renumber(above) : List.of();
      // Of a head that was lost once the numbers tell the order, whatever clocks said. It may have
      // been lost twice, and what tells so is removed: a person has to look.
      boolean disputed = !hasLostCount && traces.areDisputed();
      // Nobody's, as long as nobody was seen to claim the kernel.
      Head claimed = found.isLost() && traces.epoch() != 0 ? head.claimedBy(id) : head;
      Head next =
          claimed.repaired(
              CommitMark.higher(above, traces.numbers().highest()),
              above(CommitMark.higher(head.epoch(), traces.epoch())),
              disputed || (hasLostCount && !traces.unreadable().isEmpty()),
              traces.newest().orElse(null));
      return fence(traces, renumbered)
          .then(undecided(traces))
          .flatMap(
              open ->
                  written(found, next)
                      .thenReturn(
                          receipt(damage.told(), next, traces, renumbered, disputed, open)));
    }

    private CheckpointNotFoundException unknown() {
      return new CheckpointNotFoundException(
          kernelId, "the store has neither a head nor a checkpoint of this kernel");
    }

    /** What another kernel has committed to replace it is there for readers, and now is. */
    private Mono<UserNames.Named> settled(UserNames.Named named) {
      return named.slot() instanceof Slot.Managed managed
              && managed.entry().isOf(kernelId)
              && !kernelId.equals(managed.awaits())
          ? resolver
              .pending(named.name(), managed)
              .flatMap(commit -> rollForward.finish(commit).then(slots.read(named.name())))
              .map(slot -> new UserNames.Named(named.name(), slot))
              .defaultIfEmpty(named)
          : Mono.just(named);
    }

    /** Writes an entry that was in the lost head, if it still counts and its objects are there. */
    private Mono<Void> finish(Head.Latest commit) {
      return slots
          .read(commit.name())
          .filter(slot -> slot.awaited(Stream.of(commit)).isPresent())
          .flatMap(
              slot ->
                  FirstFailure.of(
                          Flux.fromStream(commit.entry().objects()),
                          object -> storage.exists(StoreNames.object(object)),
                          CALLS_IN_FLIGHT)
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

    /** Writes again whatever a commit may wait to replace, with its other number if it has one. */
    private Mono<Void> fence(KernelTraces traces, List<UserNames.Named> renumbered) {
      Set<String> later =
          renumbered.stream().map(UserNames.Named::name).collect(Collectors.toSet());
      return FirstFailure.of(
              Flux.fromIterable(traces.awaiting()).filter(named -> !later.contains(named.name())),
              // What changed since it was read can't be replaced by an older commit any more.
              named -> fence(named).onErrorComplete(Failures::isRefusal),
              CALLS_IN_FLIGHT)
          // The newest first: a repair that dies on the way leaves that one the newest.
          .thenMany(Flux.fromIterable(renumbered).concatMap(this::fence, 1))
          .then();
    }

    private Mono<Void> fence(UserNames.Named named) {
      return slots
          .fence(named.name(), named.slot())
          // One of several that met a full storage has given up the reserve for all.
          .retryWhen(
              Retry.max(1)
                  .filter(SpaceReserve::mayBeFull)
                  .onRetryExhaustedThrow((retry, signal) -> signal.failure()));
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

    private RepairReceipt receipt(
        @Nullable CheckpointException finding, Head head, KernelTraces traces) {
      return receipt(finding, head, traces, List.of(), false, List.of());
    }

    private RepairReceipt receipt(
        @Nullable CheckpointException finding,
        Head head,
        KernelTraces traces,
        List<UserNames.Named> renumbered,
        boolean disputed,
        List<ObjectId> open) {
      return new RepairReceipt(
          kernelId,
          StoreNames.head(kernelId),
          finding,
          head.sequence(),
          traces.newest().map(Head.Latest::name).orElse(null),
          renumbered.stream().map(UserNames.Named::name).toList(),
          disputed,
          traces.unreadable(),
          finished,
          open,
          Duration.ofNanos(System.nanoTime() - startedAt));
    }
  }
}
