package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DetachedThreads;
import io.ringkernel.checkpoint.core.host.ShadowCopies;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StorageCapability;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The parts that a {@link Checkpointer} is made of, put together for one storage. */
final class Engine {
  /** A member of a group is captured in the cut's time, which is measured there. */
  private static final Duration CUT_ENDS_FIRST = Duration.ofDays(3650);

  /** How long the end waits for what is just being taken away. */
  private static final Duration LONGEST_REMOVAL = Duration.ofSeconds(5);

  final Scheduler timer = DetachedThreads.single("rkcp-timer");
  final BaseIndexes indexes;
  final Saver saver;
  final KernelSaver kernelSaver;
  final Resolver resolver;
  final ObjectReader reader;
  final Opener opener;
  final Catalog catalog;
  final Loader loader;
  final Restorer restorer;
  final Verifier verifier;
  final Deleter deleter;
  final Tagger tagger;
  final Pruner pruner;
  final Collector collector;
  final HeadVerifier headVerifier;
  final HeadRepair headRepair;
  final Journal journal;
  final GroupCommits groupCommits;
  final GroupSaver groupSaver;
  final GroupJoiner groupJoiner;
  final GroupRestorer groupRestorer;
  final Flattener flattener;
  final Differ differ;
  final CheckpointStorage storage;
  final Heads heads;
  final Slots slots;
  final SmallObjects small;
  final Claims claims;
  final Tombstones tombstones;
  final SaveTools tools;
  final RandomIds ids = new RandomIds();
  private final Unstoppable removals = new Unstoppable();

  /**
   * @param storage stays the caller's, and so does {@code codec}
   * @param opened is told of the threads, as soon as there are any
   */
  Engine(
      CheckpointerBuilder built, CheckpointStorage storage, CheckpointCodec codec, Opened opened) {
    opened.closedByBlocking(timer::dispose);
    opened.closedByBlocking(ids::dispose);
    opened.closedBy(this::removalsEnded);
    // What it could not read itself is not written.
    EncodeOptions encoding =
        built.encoding.maxMetadataLength(built.decoding.maxMetadataLength()).build();
    this.storage = storage;
    ReadSpeed speed = new ReadSpeed();
    small = new SmallObjects(storage, speed);
    heads = new Heads(storage, small);
    slots = new Slots(small, removals, NameClearer.pauses(timer));
    claims = new Claims(heads);
    resolver = new Resolver(heads, slots);
    reader = new ObjectReader(storage, codec, built.decoding, speed);
    opener = new Opener(storage, reader, speed, resolver);
    catalog = new Catalog(storage, codec, built.decoding, speed, heads, slots, small);
    loader = new Loader(opener, reader, catalog);
    Newest newest = new Newest(resolver, catalog);
    SharedDamage sharedDamage = new SharedDamage(catalog, timer);
    restorer = new Restorer(heads, resolver, opener, loader, catalog, claims, newest, sharedDamage);
    verifier = new Verifier(resolver, opener, loader, sharedDamage);
    tagger = new Tagger(slots, resolver);
    SpaceReserve reserve = new SpaceReserve(storage);
    // Where that takes a note, a full storage must have room for it.
    deleter = new Deleter(new Slots(new SmallObjects(reserve), removals), resolver);
    StoreClock storeClock = new StoreClock(reserve, ids);
    journal = new Journal(storage, new SmallObjects(reserve), storeClock, ids);
    pruner = new Pruner(storage, heads, catalog, verifier, deleter, journal);
    tombstones = new Tombstones(storage, small);
    collector = collector(reserve, journal, storeClock, built.clock);
    headVerifier = new HeadVerifier(heads, new UserNames(storage, slots));
    // Nothing can be removed before a damaged head is repaired, so this may need the reserve too.
    headRepair = new HeadRepair(reserve, ids, catalog::metadata);
    Pins pins = new Pins(storage, small, tombstones, resolver, ids, built.lease, timer);
    indexes =
        new BaseIndexes(built.baseCacheBytes, file -> reader.index(file, built.baseCacheBytes));
    opened.closedByBlocking(indexes::dispose);
    Bases bases =
        new Bases(
            newest,
            resolver,
            indexes,
            encoding,
            built.fullPolicy,
            speed,
            storage.capabilities().contains(StorageCapability.SCATTERED_READS),
            this::shown);
    ObjectWriter objects = new ObjectWriter(storage, codec, encoding, built.baseCacheBytes);
    KernelLimit kernelLimit = new KernelLimit(built.captureTimeout, timer);
    tools =
        new SaveTools(
            storage,
            claims,
            ids,
            objects,
            reader,
            loader,
            bases,
            built.captureTimeout,
            kernelLimit,
            built.clock);
    saver = new Saver(tools, heads, slots, pins, indexes, reserve);
    flattener =
        new Flattener(storage, resolver, slots, reader, loader, objects, pins, ids, indexes);
    differ = new Differ(resolver, opener, indexes);
    StallGuard stalls = new StallGuard(new ShadowCopies(built.shadowBytes), kernelLimit);
    kernelSaver = new KernelSaver(saver, stalls, built.stallBudget);
    groupCommits = new GroupCommits(pins, heads, slots);
    Meetings meetings = new Meetings(small, timer);
    LocalParticipants locals =
        new LocalParticipants(
            new Saver(tools.capturingWithin(CUT_ENDS_FIRST), heads, slots, pins, indexes, reserve),
            deleter,
            resolver,
            stalls,
            built.stallBudget,
            built.captureTimeout,
            timer);
    groupSaver =
        new GroupSaver(
            new GroupSaver.Store(deleter, groupCommits, slots, ids, meetings),
            locals,
            built.clock,
            claims.node());
    groupJoiner = new GroupJoiner(meetings, locals);
    groupRestorer =
        new GroupRestorer(
            resolver,
            restorer,
            catalog,
            new GroupRestore.Means(opener, loader, claims, kernelLimit));
  }

  /** A storage that does not answer is not waited for much longer. */
  private Mono<Void> removalsEnded() {
    Mono<Void> over = Mono.delay(LONGEST_REMOVAL, timer).onErrorComplete().then();
    return Mono.firstWithSignal(removals.ended(), over);
  }

  /** What a collector must write may use the reserve; finishing commits can wait for room. */
  private Collector collector(
      SpaceReserve reserve, Journal records, StoreClock storeClock, Clock clock) {
    SmallObjects small = new SmallObjects(reserve);
    Heads heads = new Heads(reserve, small);
    Slots slots = new Slots(small, removals);
    return new Collector(
        reserve,
        new Tombstones(reserve, small),
        new CutRecords(reserve, small),
        records,
        storeClock,
        ids,
        clock,
        slots,
        List.of(
            new PinRoots(
                reserve, small, () -> new LapsedPins(reserve, small, heads, slots, resolver)),
            new HeadRoots(heads, slots, new RollForward(this.slots)),
            new EntryRoots(reserve, heads, slots, resolver, opener::open)));
  }

  private Checkpoint shown(Entry entry, BlockIndex index) {
    return BaseCheckpoints.of(
        entry, index, reader.open(entry.file()).map(file -> file.checkpoint(() -> {})));
  }
}
