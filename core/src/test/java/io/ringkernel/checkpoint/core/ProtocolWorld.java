package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Savers, collectors and deleters as they are, on a store whose steps somebody else decides. Only
 * what is in an object is made up: a few bytes instead of a file.
 */
final class ProtocolWorld implements Explorer.World {
  static final String KERNEL = "k";

  /** Nothing refers to it. */
  static final ObjectId GARBAGE = new ObjectId("ff".repeat(16));

  /** Of one process: the engine on its view of the store. */
  static final class Engine {
    final CheckpointStorage storage;
    final SmallObjects small;
    final Heads heads;
    final Slots slots;
    final Resolver resolver;
    final Pins pins;
    final Deleter deleter;
    final Collector collector;
    final Tagger tagger;
    final HeadRepair headRepair;
    private final RandomIds ids;

    Engine(CheckpointStorage storage, int number) {
      this.storage = storage;
      small = new SmallObjects(storage);
      heads = new Heads(storage, small);
      slots = new Slots(small);
      resolver = new Resolver(heads, slots);
      int[] last = {0};
      ids =
          new RandomIds(
              () -> new ObjectId(String.format("%02x%030x", number, ++last[0])),
              Schedulers.immediate());
      Tombstones tombstones = new Tombstones(storage, small);
      // Nobody renews: what a lease is for is that this may happen.
      pins =
          new Pins(storage, small, tombstones, resolver, ids, LEASE, VirtualTimeScheduler.create());
      deleter = new Deleter(slots, resolver);
      tagger = new Tagger(slots, resolver);
      headRepair = new HeadRepair(storage, ids, object -> Mono.empty());
      StoreClock clock = new StoreClock(storage, ids);
      collector =
          new Collector(
              new SpaceReserve(storage),
              tombstones,
              new CutRecords(new SpaceReserve(storage), small),
              new Journal(storage, small, clock, ids),
              clock,
              ids,
              Clock.systemUTC(),
              slots,
              List.of(
                  new PinRoots(
                      storage, small, () -> new LapsedPins(storage, small, heads, slots, resolver)),
                  new HeadRoots(heads, slots, new RollForward(slots)),
                  new EntryRoots(storage, heads, slots, resolver, located -> Mono.empty())));
    }

    /** Saves under a name: a delta against a base if that is there and stays, else a full one. */
    Mono<?> save(String name, @Nullable String baseName) {
      return save(KERNEL, name, baseName);
    }

    /** The same for another kernel. */
    Mono<?> save(String kernelId, String name, @Nullable String baseName) {
      return Mono.justOrEmpty(baseName)
          .flatMap(resolver::resolve)
          .ofType(Located.InObject.class)
          .map(found -> found.entry().objects().toList())
          .onErrorComplete()
          .defaultIfEmpty(List.of())
          .zipWith(ids.next().zipWith(ids.next()))
          .flatMap(
              all -> {
                List<ObjectId> base = all.getT1();
                ObjectId id = all.getT2().getT1();
                return pins.hold(
                    new Pins.Wanted(kernelId, id, base, base.isEmpty() ? null : baseName, null),
                    pin ->
                        write(id)
                            .then(
                                Mono.defer(
                                    () -> {
                                      StoredFile file =
                                          file(id, pin.isReferable() ? base : List.of());
                                      return commit(kernelId, name, file, all.getT2().getT2(), pin);
                                    })));
              });
    }

    /** Saves a file under a name that keeps the id that it has. */
    Mono<?> importAs(String name, ObjectId id) {
      return ids.next()
          .flatMap(
              nonce ->
                  pins.hold(
                      new Pins.Wanted(KERNEL, id, List.of(), null, null),
                      pin ->
                          write(id)
                              .onErrorComplete(Failures::isRefusal)
                              .then(
                                  Mono.defer(
                                      () ->
                                          commit(KERNEL, name, file(id, List.of()), nonce, pin)))));
    }

    private Mono<?> commit(String kernelId, String name, StoredFile file, ObjectId nonce, Pin pin) {
      return new Commit(
              heads,
              slots,
              new Commit.Draft(
                  name,
                  SaveRequest.defaults(),
                  file,
                  TestStates.metadata(kernelId, 1),
                  false,
                  null,
                  pin,
                  null),
              nonce)
          .run();
    }

    private Mono<?> write(ObjectId id) {
      byte[] bytes = id.hex().getBytes(StandardCharsets.US_ASCII);
      return small.write(StoreNames.object(id), bytes, null);
    }

    /** Writes a new object for a checkpoint and makes its entry point to it. */
    Mono<?> flatten(String name) {
      return ids.next()
          .flatMap(
              id ->
                  pins.hold(
                      new Pins.Wanted(KERNEL, id, List.of(), null, name),
                      pin ->
                          write(id)
                              .then(slots.read(name))
                              .ofType(Slot.Managed.class)
                              .flatMap(
                                  slot ->
                                      pin.requireHeld()
                                          .then(
                                              slots.write(
                                                  name,
                                                  slot.entry().withFile(file(id, List.of())),
                                                  slot.version())))));
    }

    private static StoredFile file(ObjectId id, List<ObjectId> base) {
      return new StoredFile(
          id,
          2,
          base.isEmpty() ? CheckpointKind.FULL : CheckpointKind.DELTA,
          new RootHash("00".repeat(32)),
          null,
          32,
          32,
          "none",
          base);
    }

    /** Writes the head anew if need be; of a kernel that has nothing there is none to write. */
    Mono<?> repair() {
      return headRepair.repair(KERNEL).onErrorComplete(CheckpointNotFoundException.class);
    }

    Mono<?> collect() {
      return collector.collect(CollectOptions.defaults().grace(Duration.ZERO));
    }
  }

  /**
   * What one actor does, and about what it is lied to.
   *
   * @param removes the checkpoint that is not there afterwards if it says so; null for none
   * @param keeps the checkpoint that is there afterwards if it was saved; null for none
   * @param lies a new one for each world
   */
  record Actor(
      String name,
      Function<Engine, Mono<?>> work,
      String removes,
      String keeps,
      Supplier<SteppedStore.Lie> lies) {
    static Actor of(String name, Function<Engine, Mono<?>> work) {
      return new Actor(name, work, null, null, () -> TRUTH);
    }

    /** Saves a checkpoint that nobody removes. */
    static Actor keeping(String checkpoint, Function<Engine, Mono<?>> work) {
      return new Actor("saver of " + checkpoint, work, null, checkpoint, () -> TRUTH);
    }

    /** Removes a checkpoint that is saved only once. */
    static Actor deleting(String checkpoint) {
      return new Actor(
          "deleter of " + checkpoint,
          engine -> engine.deleter.delete(checkpoint),
          checkpoint,
          null,
          () -> TRUTH);
    }

    Actor believing(Supplier<SteppedStore.Lie> falsehoods) {
      return new Actor(name, work, removes, keeps, falsehoods);
    }
  }

  private static final SteppedStore.Lie TRUTH = (call, store, work) -> work.get();
  private static final Duration LEASE = Duration.ofMinutes(2);
  private static final String REMOVED = "removed";
  private static final int KILL = 100;
  private static final int TIME = 200;
  private static final int BACK = 201;
  private static final int HARM = 300;
  private static final int LATER = 90;
  private static final int REPAIRS = 97;
  private static final int LOOKS_UP = 95;
  private static final Duration PUT_BACK = Duration.ofHours(1);

  private final SteppedStore store;
  private final List<Actor> actors;
  private final String[] outcomes;
  private int crashes;
  private int lapses;
  private int setbacks;
  private boolean wasPutBack;
  private Consumer<SteppedStore> harm;
  private boolean wasHarmed;

  /**
   * @param actors in any number
   * @param crashes how many of them may die
   * @param lapses how often a time may pass that is longer than any lease
   * @param setbacks how often the storage's clock may be put back
   */
  ProtocolWorld(List<Actor> actors, int crashes, int lapses, int setbacks) {
    this(actors, crashes, lapses, setbacks, Set.of());
  }

  /** The same on a store that falls short. */
  ProtocolWorld(
      List<Actor> actors, int crashes, int lapses, int setbacks, Set<SteppedStore.Quirk> quirks) {
    this(actors, crashes, lapses, setbacks, quirks, store -> {});
  }

  /**
   * The same where something was left by who is dead.
   *
   * @param left puts it there
   */
  ProtocolWorld(
      List<Actor> actors,
      int crashes,
      int lapses,
      int setbacks,
      Set<SteppedStore.Quirk> quirks,
      Consumer<SteppedStore> left) {
    store = new SteppedStore(quirks);
    this.actors = actors;
    this.crashes = crashes;
    this.lapses = lapses;
    this.setbacks = setbacks;
    outcomes = new String[actors.size()];
    // A checkpoint under "a", and an object that nothing refers to.
    runNow(98, engine -> engine.save("a", null));
    store.put(StoreNames.object(GARBAGE), new byte[1]);
    store.put(StoreNames.RESERVE, new byte[1]);
    left.accept(store);
    for (int i = 0; i < actors.size(); i++) {
      start(i);
    }
  }

  /** The same where something happens to the kernel's head, at some time or never. */
  ProtocolWorld(List<Actor> actors, int crashes, int lapses, Consumer<SteppedStore> harm) {
    this(actors, crashes, lapses, 0);
    this.harm = harm;
  }

  private void start(int i) {
    Engine engine = new Engine(store.as(i, actors.get(i).lies().get()), i);
    actors
        .get(i)
        .work()
        .apply(engine)
        .subscribe(
            done -> outcomes[i] = Boolean.TRUE.equals(done) ? REMOVED : "done",
            error -> outcomes[i] = error.toString(),
            () -> outcomes[i] = outcomes[i] == null ? "done" : outcomes[i]);
  }

  private void runNow(int number, Function<Engine, Mono<?>> work) {
    Engine engine = new Engine(store.as(number, TRUTH), number);
    String[] outcome = {null};
    work.apply(engine)
        .subscribe(
            done -> outcome[0] = "done",
            error -> outcome[0] = error.toString(),
            () -> outcome[0] = outcome[0] == null ? "done" : outcome[0]);
    while (store.isWaiting(number)) {
      store.step(number);
    }
    store.kill(number);
    if (!"done".equals(outcome[0])) {
      throw new AssertionError("number " + number + ": " + outcome[0]);
    }
  }

  @Override
  public List<Integer> enabled() {
    List<Integer> enabled = new ArrayList<>();
    for (int i = 0; i < actors.size(); i++) {
      if (store.isWaiting(i)) {
        enabled.add(i);
      }
    }
    if (!enabled.isEmpty()) {
      if (lapses > 0) {
        enabled.add(TIME);
      }
      if (setbacks > 0) {
        enabled.add(BACK);
      }
      if (harm != null) {
        enabled.add(HARM);
      }
      for (int i = 0; crashes > 0 && i < actors.size(); i++) {
        // To die before a reading is like dying after it.
        if (store.isWaiting(i) && store.next(i).changes()) {
          enabled.add(KILL + i);
        }
      }
    }
    return enabled;
  }

  @Override
  public void happen(int event) {
    if (event == TIME) {
      lapses--;
      store.passTime(LEASE.multipliedBy(2));
    } else if (event == BACK) {
      setbacks--;
      wasPutBack = true;
      store.passTime(PUT_BACK.negated());
    } else if (event == HARM) {
      harm.accept(store);
      harm = null;
      wasHarmed = true;
    } else if (event >= KILL) {
      crashes--;
      store.kill(event - KILL);
      outcomes[event - KILL] = "killed";
    } else {
      store.step(event);
    }
  }

  @Override
  public long fingerprint() {
    long passed = ((store.fingerprint() * 31 + crashes) * 31 + lapses) * 31 + setbacks;
    return passed * 31 + (wasHarmed ? 1 : 0);
  }

  @Override
  public String words(int event) {
    if (event == TIME) {
      return "time passes";
    }
    if (event == BACK) {
      return "the clock is put back";
    }
    if (event == HARM) {
      return "something happens to the head";
    }
    return event >= KILL
        ? actors.get(event - KILL).name() + " dies"
        : actors.get(event).name() + ": " + store.next(event);
  }

  @Override
  public String verdict() {
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        return actors.get(i).name() + " never ends";
      }
    }
    if (wasHarmed) {
      runNow(REPAIRS, Engine::repair);
      String older = older();
      if (older != null) {
        return older;
      }
    }
    String lost = lost();
    if (lost != null) {
      return lost;
    }
    String back = back();
    if (back != null) {
      return back;
    }
    String hidden = hidden();
    if (hidden != null) {
      return hidden;
    }
    String dangling = dangling("at the end");
    if (dangling != null) {
      return dangling;
    }
    store.passTime(LEASE.multipliedBy(2));
    runNow(LATER, Engine::collect);
    if (wasPutBack) {
      // A pin of the time before that counts for one more lease.
      store.passTime(LEASE.multipliedBy(2));
      runNow(LATER + 1, Engine::collect);
    }
    dangling = dangling("after one more collection");
    if (dangling != null) {
      return dangling;
    }
    if (store.names().stream().anyMatch(name -> RecordKind.CLEARING.begins(store.bytes(name)))) {
      // Of who died before its delete was done.
      store.passTime(NameClearer.LONGEST.multipliedBy(2));
      runNow(LATER + 2, Engine::collect);
    }
    String unlisted = unlisted();
    return unlisted == null ? garbage() : unlisted;
  }

  /** A checkpoint that is newer than the kernel's next will be; or null. */
  private String older() {
    byte[] head = store.bytes(StoreNames.head(KERNEL));
    long sequence = head == null ? 0 : Head.decode(head).sequence();
    for (String name : store.names()) {
      byte[] bytes = store.bytes(name);
      if (RecordKind.ENTRY.begins(bytes)
          && Entry.decode(bytes).isOf(KERNEL)
          && Entry.decode(bytes).mark().sequence() > sequence) {
        return name + " is newer than what is saved next; " + List.of(outcomes);
      }
    }
    return null;
  }

  /** A checkpoint that was saved and is not there; or null. */
  private String lost() {
    for (int i = 0; i < outcomes.length; i++) {
      String name = actors.get(i).keeps();
      byte[] bytes = name == null ? null : store.bytes(name);
      boolean isThere = bytes != null && RecordKind.ENTRY.begins(bytes);
      if (name != null && "done".equals(outcomes[i]) && !isThere) {
        return name + " is lost; " + List.of(outcomes);
      }
    }
    return null;
  }

  /** A checkpoint that was removed and is there again; or null. */
  private String back() {
    for (int i = 0; i < outcomes.length; i++) {
      String name = actors.get(i).removes();
      byte[] bytes = name == null ? null : store.bytes(name);
      boolean isThere = bytes != null && RecordKind.ENTRY.begins(bytes);
      if (REMOVED.equals(outcomes[i]) && (isThere || isAwaited(name))) {
        return name + " is back; " + List.of(outcomes);
      }
    }
    return null;
  }

  private boolean isAwaited(String name) {
    return waiting().anyMatch(commit -> commit.name().equals(name));
  }

  /** The commits whose entries are still to be written. */
  private Stream<Head.Latest> waiting() {
    return store.names().stream()
        .filter(name -> name.startsWith(StoreNames.HEADS))
        .flatMap(name -> Head.decode(store.bytes(name)).commits().stream())
        .filter(
            commit ->
                store.bytes(commit.name()) != null
                    && store.object(commit.name()).version().equals(commit.base()));
  }

  /** A commit that waits and that a look-up of its name does not find; or null. */
  private String hidden() {
    for (Head.Latest commit : waiting().toList()) {
      Entry[] found = {null};
      runNow(
          LOOKS_UP,
          engine ->
              engine
                  .resolver
                  .resolve(commit.name())
                  .ofType(Located.InObject.class)
                  .doOnNext(located -> found[0] = located.entry()));
      if (!commit.entry().equals(found[0])) {
        return commit.name() + " is not seen through its name; " + List.of(outcomes);
      }
    }
    return null;
  }

  /** The objects that entries and commits on their way refer to. */
  private Set<ObjectId> referred() {
    Set<ObjectId> referred = new HashSet<>();
    waiting().flatMap(commit -> commit.entry().objects()).forEach(referred::add);
    for (String name : store.names()) {
      byte[] bytes = store.bytes(name);
      if (RecordKind.ENTRY.begins(bytes)) {
        Entry.decode(bytes).objects().forEach(referred::add);
      }
    }
    return referred;
  }

  private String dangling(String when) {
    for (ObjectId id : referred()) {
      if (store.bytes(StoreNames.object(id)) == null) {
        return when + " something refers to " + id + ", which is gone; " + List.of(outcomes);
      }
    }
    return null;
  }

  /** A checkpoint that no listing shows; or null. */
  private String unlisted() {
    for (String name : store.names()) {
      if (store.isHidden(name)) {
        return name + " is hidden; " + List.of(outcomes);
      }
    }
    return null;
  }

  /** What is kept though nobody needs it; what a commit that waits will replace is such. */
  private String garbage() {
    if (waiting().findAny().isPresent()) {
      return "a commit waits, and what it replaces is kept; " + List.of(outcomes);
    }
    Set<ObjectId> referred = referred();
    for (String name : store.names()) {
      if (name.startsWith(StoreNames.PINS)
          || RecordKind.PLACEHOLDER.begins(store.bytes(name))
          || RecordKind.CLEARING.begins(store.bytes(name))
          || (name.startsWith(StoreNames.OBJECTS)
              && !referred.contains(StoreNames.objectId(name).orElseThrow()))) {
        return "nothing needs " + name + ", which is kept; " + List.of(outcomes);
      }
    }
    return null;
  }
}
