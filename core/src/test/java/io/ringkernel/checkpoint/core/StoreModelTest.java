package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A store against a map of what should be in it, over thousands of random steps and processes that
 * die in the middle of one. {@code -Drkcp.model.seed} repeats a run, {@code -Drkcp.model.steps}
 * makes it longer.
 */
@Timeout(3600)
class StoreModelTest {
  private static final int STEPS = Integer.getInteger("rkcp.model.steps", 600);
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 6;
  private static final int NAMES = 8;
  private static final Duration LEASE = Duration.ofMillis(100);

  /** What should be under a name. */
  private record Expected(
      String kernelId,
      long order,
      boolean imported,
      ByteBuffer state,
      boolean savepoint,
      Set<String> tags) {
    Expected tagged(Set<String> others) {
      return new Expected(kernelId, order, imported, state, savepoint, others);
    }

    Expected copied() {
      return new Expected(kernelId, order, true, state, savepoint, tags);
    }
  }

  private static final Comparator<Map.Entry<String, Expected>> NEWEST_FIRST =
      Comparator.comparing((Map.Entry<String, Expected> entry) -> entry.getValue().order())
          .thenComparing(entry -> !entry.getValue().imported())
          .thenComparing(Map.Entry::getKey)
          .reversed();

  private final long seed = Long.getLong("rkcp.model.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final String uri = "memory:" + UUID.randomUUID();
  private final CheckpointCodec codec = CheckpointCodec.builder().parallelism(1).build();
  private final TreeMap<String, Expected> model = new TreeMap<>();
  private final Map<String, byte[]> states = new HashMap<>();
  private final List<String> history = new ArrayList<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private ScriptedStorage storage = new ScriptedStorage(uri);
  private Checkpointer checkpointer = open(storage);
  private long order;
  private int steps;

  private Checkpointer open(ScriptedStorage on) {
    return Checkpointer.builder(on).codec(codec).blockSize(BLOCK).lease(LEASE).build();
  }

  @AfterEach
  void close() {
    checkpointer.close().block(LONG);
    codec.close();
    storage.close().block(LONG);
  }

  @Test
  void holdsWhatItShouldAndNothingElse() {
    try {
      while (steps < STEPS) {
        step();
        steps++;
        if (steps % 25 == 0) {
          checkAll();
        }
        if (steps % 50 == 0) {
          checkNothingElseIsKept();
        }
      }
      checkAll();
      checkNothingElseIsKept();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(told(e), e);
    }
    assertThat(counts).as("seed %s", seed).containsKeys("save", "flatten", "collect", "prune");
  }

  /** A failure with what led to it; surefire shows this message only, not its cause's. */
  private String told(Throwable failure) {
    int from = Math.max(0, history.size() - 60);
    return "seed %s, after %s steps: %s%n  at %s%nThe last of its history:%n  %s"
        .formatted(
            seed,
            steps,
            failure,
            ours(failure),
            String.join("\n  ", history.subList(from, history.size())));
  }

  /** Where in this test something failed. */
  private static String ours(Throwable failure) {
    return Arrays.stream(failure.getStackTrace())
        .filter(frame -> frame.getClassName().equals(StoreModelTest.class.getName()))
        .map(StackTraceElement::toString)
        .findFirst()
        .orElse("somewhere else");
  }

  private void step() {
    int choice = random.nextInt(100);
    if (choice < 38) {
      save();
    } else if (choice < 45) {
      copy();
    } else if (choice < 55) {
      delete();
    } else if (choice < 65) {
      tag();
    } else if (choice < 77) {
      flatten();
    } else if (choice < 82) {
      prune();
    } else if (choice < 92) {
      collect();
    } else {
      checkOne(anyName());
    }
  }

  private String anyName() {
    return "n" + random.nextInt(NAMES);
  }

  private void save() {
    String kernelId = "k" + random.nextInt(2);
    String name = anyName();
    byte[] state = changed(kernelId);
    boolean savepoint = random.nextInt(12) == 0;
    Expected next =
        new Expected(kernelId, ++order, false, ByteBuffer.wrap(state), savepoint, Set.of());
    SaveRequest request = SaveRequest.named(name).base(base(kernelId)).savepoint(savepoint);
    long step = order;
    boolean done =
        perform(
            "save " + name + " of " + kernelId + " on " + request.base().orElseThrow(),
            () -> checkpointer.save(checkpoint(kernelId, step, state), request));
    adopt(name, done, next);
  }

  private static io.ringkernel.checkpoint.Checkpoint checkpoint(
      String kernelId, long step, byte[] state) {
    return io.ringkernel.checkpoint.Checkpoint.builder(TestStates.metadata(kernelId, step))
        .deviceMemory("state", io.ringkernel.checkpoint.ChunkContent.of(state))
        .build();
  }

  /** The kernel's last state with some blocks changed. */
  private byte[] changed(String kernelId) {
    byte[] state =
        states.computeIfAbsent(kernelId, id -> TestStates.random(BLOCKS * BLOCK, seed)).clone();
    for (int n = random.nextInt(3); n >= 0; n--) {
      state[random.nextInt(state.length)] = (byte) random.nextInt();
    }
    states.put(kernelId, state);
    return state;
  }

  private BaseChoice base(String kernelId) {
    List<String> candidates =
        model.entrySet().stream()
            .filter(entry -> entry.getValue().kernelId().equals(kernelId))
            .map(Map.Entry::getKey)
            .toList();
    int choice = random.nextInt(6);
    if (choice == 0) {
      return BaseChoice.full();
    }
    return choice < 3 && !candidates.isEmpty()
        ? BaseChoice.named(candidates.get(random.nextInt(candidates.size())))
        : BaseChoice.latest();
  }

  private void copy() {
    String from = anyName();
    String to = anyName();
    Expected source = model.get(from);
    Expected before = model.get(to);
    if (source == null || (before != null && !before.kernelId().equals(source.kernelId()))) {
      return;
    }
    Expected copy = source.copied();
    SaveRequest request = SaveRequest.named(to).tags(source.tags()).savepoint(source.savepoint());
    boolean done =
        perform(
            "copy " + from + " to " + to,
            () ->
                checkpointer
                    .fileContent(from)
                    .flatMap(file -> checkpointer.importFile(file, request)));
    adopt(to, done, copy);
  }

  private void delete() {
    String name = anyName();
    boolean done = perform("delete " + name, () -> checkpointer.delete(name));
    adopt(name, done, null);
  }

  private void tag() {
    String name = anyName();
    Expected before = model.get(name);
    if (before == null) {
      return;
    }
    String tag = "t" + random.nextInt(3);
    boolean untag = random.nextInt(3) == 0;
    Set<String> tags = new TreeSet<>(before.tags());
    boolean unused = untag ? tags.remove(tag) : tags.add(tag);
    boolean done =
        perform(
            (untag ? "untag " : "tag ") + name + " " + tag,
            () -> untag ? checkpointer.untag(name, tag) : checkpointer.tag(name, tag));
    adopt(name, done, before.tagged(tags));
  }

  private void flatten() {
    String name = anyName();
    Expected before = model.get(name);
    if (before != null) {
      perform("flatten " + name, () -> checkpointer.flatten(name));
      checkOne(name);
    }
  }

  private void prune() {
    int last = 1 + random.nextInt(5);
    RetentionPolicy policy = RetentionPolicy.builder().keepLast(last).keepTag("t1").build();
    Set<String> kept = new TreeSet<>();
    for (String kernelId : List.of("k0", "k1")) {
      model.entrySet().stream()
          .filter(entry -> entry.getValue().kernelId().equals(kernelId))
          .sorted(NEWEST_FIRST)
          .limit(last)
          .forEach(entry -> kept.add(entry.getKey()));
    }
    model.forEach(
        (name, expected) -> {
          if (expected.savepoint() || expected.tags().contains("t1")) {
            kept.add(name);
          }
        });
    boolean done = perform("prune to " + policy, () -> checkpointer.prune(policy));
    for (String name : new TreeSet<>(model.keySet())) {
      if (!kept.contains(name)) {
        adopt(name, done, null);
      }
    }
  }

  private void collect() {
    Duration grace = random.nextBoolean() ? Duration.ZERO : Duration.ofHours(1);
    perform(
        "collect after " + grace,
        () -> checkpointer.collect(CollectOptions.defaults().grace(grace)));
  }

  /** Does something, or dies while doing it; whether it is known to be done. */
  private boolean perform(String what, Supplier<Mono<?>> work) {
    counts.merge(what.substring(0, what.indexOf(' ')), 1, Integer::sum);
    if (random.nextInt(8) != 0) {
      history.add(what);
      tell(work.get().block(LONG));
      return true;
    }
    int n = random.nextInt(20);
    ScriptedStorage.Fault fault =
        random.nextBoolean() ? ScriptedStorage.Fault.HANG : ScriptedStorage.Fault.DO_AND_HANG;
    history.add(what + ", " + fault + " at call " + n);
    return dieAt(n, fault, work);
  }

  private void tell(Object done) {
    if (done instanceof PruneReport report) {
      report
          .decisions()
          .forEach(
              one ->
                  history.add(
                      "  " + one.checkpoint().name() + " is " + one.fate() + " " + one.reasons()));
    }
  }

  private boolean dieAt(int n, ScriptedStorage.Fault fault, Supplier<Mono<?>> work) {
    CountDownLatch ended = new CountDownLatch(1);
    Throwable[] failure = new Throwable[1];
    storage.failAt(n, Integer.MAX_VALUE - n, fault, true);
    Disposable dying =
        work.get()
            .subscribe(
                done -> {},
                error -> {
                  failure[0] = error;
                  ended.countDown();
                },
                ended::countDown);
    boolean done = endedBeforeItHangs(ended);
    // What it does while it is cancelled is not answered either, as that of a dead process.
    dying.dispose();
    checkpointer.close().block(LONG);
    // A call before the one that hangs may still be under way; afterwards it is not.
    storage.close().block(LONG);
    storage = new ScriptedStorage(uri);
    checkpointer = open(storage);
    assertThat(failure[0]).isNull();
    return done;
  }

  private boolean endedBeforeItHangs(CountDownLatch ended) {
    try {
      for (int i = 0; i < 30_000; i++) {
        if (ended.await(1, TimeUnit.MILLISECONDS)) {
          return true;
        }
        if (storage.isHanging()) {
          return false;
        }
      }
      throw new AssertionError("neither ended nor hanging");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** What a name should hold after a change; after one that died, either is right. */
  private void adopt(String name, boolean done, Expected next) {
    Expected before = model.get(name);
    if (!done) {
      Expected found = found(name, before, next);
      history.add("  " + name + " holds the " + (Objects.equals(found, next) ? "new" : "old"));
      put(name, found);
    } else {
      put(name, next);
    }
  }

  private void put(String name, Expected expected) {
    if (expected == null) {
      model.remove(name);
    } else {
      model.put(name, expected);
    }
  }

  private Expected found(String name, Expected before, Expected next) {
    CheckpointInfo info = checkpointer.info(name).onErrorComplete().block(LONG);
    boolean isNext = matches(info, next);
    assertThat(isNext || matches(info, before)).as("%s is old or new: %s", name, info).isTrue();
    return isNext ? next : before;
  }

  private static boolean matches(CheckpointInfo info, Expected expected) {
    if (info == null || expected == null) {
      return info == null && expected == null;
    }
    return info.metadata().step() == expected.order()
        && info.imported() == expected.imported()
        && info.tags().equals(expected.tags());
  }

  private void checkAll() {
    List<String> names =
        checkpointer
            .list("")
            .cast(CheckpointInfo.class)
            .map(CheckpointInfo::name)
            .collectList()
            .block(LONG);
    assertThat(names).containsExactlyElementsOf(model.keySet());
    model.keySet().forEach(this::checkOne);
  }

  private void checkOne(String name) {
    Expected expected = model.get(name);
    if (expected == null) {
      assertThat(checkpointer.info(name).onErrorComplete().block(LONG)).as(name).isNull();
      return;
    }
    Map<String, ByteBuffer> loaded = TestStates.loaded(checkpointer, name);
    assertThat(loaded.values()).as(name).containsExactly(expected.state());
    CheckpointInfo info = checkpointer.info(name).block(LONG);
    assertThat(info.tags()).as(name).isEqualTo(expected.tags());
    assertThat(info.savepoint()).as(name).isEqualTo(expected.savepoint());
  }

  private void checkNothingElseIsKept() {
    if (storage.list(StoreNames.PINS).hasElements().block(LONG)) {
      Mono.delay(LEASE.multipliedBy(2)).block();
    }
    checkpointer.collect(CollectOptions.defaults().grace(Duration.ZERO)).block(LONG);
    Set<String> needed =
        checkpointer
            .list("")
            .cast(CheckpointInfo.class)
            .flatMapIterable(
                info -> {
                  List<String> objects = new ArrayList<>(List.of(info.objectId().hex()));
                  info.ancestors().forEach(id -> objects.add(id.hex()));
                  return objects;
                })
            .collect(Collectors.toSet())
            .block(LONG);
    Set<String> kept =
        storage
            .list(StoreNames.OBJECTS)
            .map(StoredObject::name)
            .map(name -> name.substring(name.lastIndexOf('/') + 1))
            .collect(Collectors.toSet())
            .block(LONG);
    history.add("checked that nothing else is kept");
    assertThat(kept)
        .as(() -> "the objects after a collection, where\n  " + Referrers.told(storage) + "\n")
        .containsExactlyInAnyOrderElementsOf(needed);
    assertThat(names().collectList().block(LONG))
        .as("names with something under them, be it a placeholder")
        .containsExactlyInAnyOrderElementsOf(model.keySet());
    Flux<StoredObject> left =
        Flux.just(StoreNames.PINS, StoreNames.TOMBSTONES).concatMap(storage::list);
    assertThat(left.map(StoredObject::name).collectList().block(LONG)).isEmpty();
    checkAll();
  }

  /** The users' names under which anything lies. */
  private Flux<String> names() {
    return storage.list("").map(StoredObject::name).filter(name -> !StoreNames.isReserved(name));
  }
}
