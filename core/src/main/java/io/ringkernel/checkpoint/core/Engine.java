package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** The parts that a {@link Checkpointer} is made of, put together for one storage. */
final class Engine {
  final Scheduler timer = Schedulers.newSingle("rkcp-timer", true);
  final BaseIndexes indexes;
  final Saver saver;
  final Resolver resolver;
  final Opener opener;
  final Catalog catalog;
  final Loader loader;
  final Restorer restorer;
  final Verifier verifier;
  final Deleter deleter;
  final Flattener flattener;
  final Differ differ;
  private final RandomIds ids = new RandomIds();

  /**
   * @param storage stays the caller's, and so does {@code codec}
   */
  Engine(CheckpointerBuilder built, CheckpointStorage storage, CheckpointCodec codec) {
    EncodeOptions encoding = built.encoding.build();
    SmallObjects small = new SmallObjects(storage);
    Heads heads = new Heads(storage, small);
    Slots slots = new Slots(small);
    Claims claims = new Claims(heads);
    Reclaimer reclaimer = new Reclaimer(storage);
    ReadSpeed speed = new ReadSpeed();
    resolver = new Resolver(heads, slots);
    opener = new Opener(storage, codec, built.decoding, speed, resolver);
    catalog = new Catalog(storage, codec, built.decoding, speed, heads, slots);
    loader = new Loader(opener, catalog);
    restorer = new Restorer(heads, resolver, opener, loader, catalog, claims);
    verifier = new Verifier(resolver, opener);
    deleter = new Deleter(storage, heads, slots, resolver, reclaimer);
    indexes =
        new BaseIndexes(built.baseCacheBytes, file -> opener.index(file, built.baseCacheBytes));
    Bases bases =
        new Bases(heads, resolver, indexes, encoding, built.fullPolicy, speed, this::shown);
    ObjectWriter objects = new ObjectWriter(storage, codec, encoding, built.baseCacheBytes);
    SaveTools tools =
        new SaveTools(
            storage, claims, ids, objects, opener, bases, built.captureTimeout, timer, built.clock);
    saver = new Saver(tools, heads, slots, reclaimer, indexes);
    flattener = new Flattener(resolver, slots, opener, loader, objects, ids, reclaimer, indexes);
    differ = new Differ(resolver, opener, indexes);
  }

  private Checkpoint shown(Entry entry, BlockIndex index) {
    return BaseCheckpoints.of(
        entry, index, opener.open(entry.file()).map(file -> file.checkpoint(() -> {})));
  }

  /** Gives threads back. */
  void dispose() {
    timer.dispose();
    ids.dispose();
    indexes.dispose();
  }
}
