package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A store in which nothing happens by itself: each call of an actor waits until it is told to go
 * on, and runs as one step. A listing is a step for each object. Everything runs on the thread that
 * gives the steps, so that a sequence of them always leads to the same state.
 */
final class SteppedStore {
  /** What a step does and to which name. */
  record Call(String operation, String name, String text) {
    byte[] written() {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    boolean is(String wanted, String prefix) {
      return operation.equals(wanted) && name.startsWith(prefix);
    }

    boolean changes() {
      return operation.equals("save") || operation.equals("delete");
    }

    @Override
    public String toString() {
      return operation + " " + name;
    }
  }

  /** A lie about one actor's calls: what leaving out a check comes down to. */
  interface Lie {
    /**
     * Answers a call.
     *
     * @param work does it and gives the true answer
     */
    Object answer(Call call, SteppedStore store, Supplier<Object> work);
  }

  /** A call that waits. */
  private record Step(Call call, Supplier<Object> work, MonoSink<Object> answer) {}

  private record Stored(StoredObject object, String text) {
    byte[] bytes() {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  /** In what a store falls short. */
  enum Quirk {
    /** No listing shows what lies below another name. */
    HIDES,
    /** A delete of one version looks for that, and then deletes whatever is there. */
    DELETES_LATE
  }

  /** Stands for "there is nothing more" in a listing. */
  static final Object NOTHING = new Object();

  private final NavigableMap<String, Stored> objects = new TreeMap<>();
  private final Map<String, Integer> versions = new HashMap<>();
  private final Map<Integer, Deque<Step>> waiting = new HashMap<>();
  private final Map<Integer, Integer> histories = new HashMap<>();
  private final Set<Quirk> quirks;
  private Instant now = Instant.EPOCH;

  SteppedStore(Set<Quirk> quirks) {
    this.quirks = quirks;
  }

  /** The store as one actor sees it. */
  CheckpointStorage as(int actor, Lie lie) {
    waiting.put(actor, new ArrayDeque<>());
    histories.put(actor, 0);
    return new View(actor, lie);
  }

  /** Whether an actor has a call that waits. */
  boolean isWaiting(int actor) {
    return !waiting.get(actor).isEmpty();
  }

  /** What an actor's next step would do. */
  Call next(int actor) {
    return waiting.get(actor).element().call();
  }

  /** Does an actor's next call and lets it go on to its next one. */
  void step(int actor) {
    Step step = waiting.get(actor).remove();
    Object answer;
    try {
      answer = step.work().get();
    } catch (CheckpointException e) {
      remember(actor, step.call(), e.getClass());
      step.answer().error(e);
      return;
    }
    remember(actor, step.call(), seen(answer));
    step.answer().success(answer);
  }

  private void remember(int actor, Call call, Object seen) {
    histories.merge(
        actor,
        Objects.hash(call.operation(), call.name(), call.text(), seen),
        (before, step) -> before * 31 + step);
  }

  private Object seen(Object answer) {
    if (answer instanceof ObjectRead read) {
      return read.object();
    }
    return answer == NOTHING ? "nothing" : answer;
  }

  /** The process is gone: nothing of it happens any more. */
  void kill(int actor) {
    waiting.get(actor).clear();
    histories.put(actor, -1);
  }

  void passTime(Duration time) {
    now = now.plus(time);
  }

  /** Equal for states from which the same can follow, but for a collision of hashes. */
  long fingerprint() {
    long hash = now.hashCode();
    for (Map.Entry<String, Stored> one : objects.entrySet()) {
      hash = hash * 1_000_003 + one.getKey().hashCode();
      hash = hash * 1_000_003 + one.getValue().object().hashCode();
      hash = hash * 1_000_003 + one.getValue().text().hashCode();
    }
    for (Map.Entry<Integer, Integer> history : new TreeMap<>(histories).entrySet()) {
      hash = hash * 1_000_003 + history.getValue();
    }
    return hash;
  }

  Set<String> names() {
    return objects.keySet();
  }

  /** Whether no listing shows what is under a name. */
  boolean isHidden(String name) {
    return quirks.contains(Quirk.HIDES) && Folders.of(name).stream().anyMatch(objects::containsKey);
  }

  /** The bytes under a name; null when there is nothing. */
  byte[] bytes(String name) {
    Stored stored = objects.get(name);
    return stored == null ? null : stored.bytes();
  }

  /** What is under a name without a step. */
  StoredObject object(String name) {
    return objects.get(name).object();
  }

  StoredObject put(String name, byte[] bytes) {
    int version = versions.merge(name, 1, Integer::sum);
    StoredObject object = new StoredObject(name, bytes.length, name + "#" + version, now, Map.of());
    objects.put(name, new Stored(object, text(bytes)));
    return object;
  }

  /** Bytes rot under a name: what is there is no other version for the storage. */
  void rot(String name, byte[] bytes) {
    StoredObject is = objects.get(name).object();
    // The time, which nobody looks at, tells those who saw the one from those who saw the other.
    Instant time = is.lastModified().plusNanos(1);
    StoredObject object = new StoredObject(name, bytes.length, is.version(), time, Map.of());
    objects.put(name, new Stored(object, text(bytes)));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  void remove(String name) {
    objects.remove(name);
  }

  private StoredObject save(String name, byte[] bytes, SaveOptions options) {
    Stored present = objects.get(name);
    if (options.isOnlyIfAbsent() && present != null) {
      throw new AlreadyExistsException(name);
    }
    options.expectedVersion().ifPresent(expected -> requireVersion(name, expected, present));
    return put(name, bytes);
  }

  private static void requireVersion(String name, String expected, Stored present) {
    String found = present == null ? null : present.object().version();
    if (!expected.equals(found)) {
      throw new ChangedMeanwhileException(name, expected, found);
    }
  }

  /** What a read of all bytes is answered with. */
  static ObjectRead read(StoredObject object, byte[] bytes) {
    return new ObjectRead(
        object, Flux.defer(() -> Flux.just(OwnedBuffer.unpooled(ByteBuffer.wrap(bytes)))));
  }

  private Stored get(String name) {
    Stored present = objects.get(name);
    if (present == null) {
      throw new CheckpointNotFoundException(name);
    }
    return present;
  }

  private final class View implements CheckpointStorage {
    private final int actor;
    private final Lie lie;

    View(int actor, Lie lie) {
      this.actor = actor;
      this.lie = lie;
    }

    @SuppressWarnings("unchecked")
    private <T> Mono<T> step(Call call, Supplier<T> work) {
      if (call.name().equals(StoreNames.RESERVE) || call.name().equals(StoreNames.CUTS)) {
        // No part of the protocol: that it happens at some time is nothing to be tried out.
        return Mono.fromSupplier(work);
      }
      return (Mono<T>)
          Mono.create(
              sink ->
                  waiting
                      .get(actor)
                      .add(
                          new Step(
                              call, () -> lie.answer(call, SteppedStore.this, work::get), sink)));
    }

    @Override
    public Mono<StoredObject> save(
        String name, Publisher<OwnedBuffer> content, SaveOptions options) {
      return Flux.from(content)
          .single()
          .flatMap(
              owned -> {
                byte[] bytes = new byte[owned.buffer().remaining()];
                owned.buffer().get(bytes);
                owned.close();
                return step(
                    new Call("save", name, text(bytes)),
                    () -> SteppedStore.this.save(name, bytes, options));
              });
    }

    @Override
    public Mono<StoredObject> stat(String name) {
      return step(new Call("stat", name, null), () -> get(name).object());
    }

    @Override
    public Mono<ObjectRead> read(String name, Range range, String expectedVersion) {
      return step(
          new Call("read", name, null),
          () -> {
            Stored stored = get(name);
            return SteppedStore.read(stored.object(), stored.bytes());
          });
    }

    @Override
    public Flux<StoredObject> list(String prefix) {
      return next(prefix, null).expand(object -> next(prefix, object.name()));
    }

    private Mono<StoredObject> next(String prefix, String after) {
      return step(new Call("list", prefix, null), () -> found(prefix, after))
          .filter(found -> found != NOTHING)
          .cast(StoredObject.class);
    }

    private Object found(String prefix, String after) {
      Map.Entry<String, Stored> found =
          after == null ? objects.ceilingEntry(prefix) : objects.higherEntry(after);
      while (found != null
          && ((prefix.isEmpty() && StoreNames.isReserved(found.getKey()))
              || isHidden(found.getKey()))) {
        // Who lists everything leaves out the engine's own: that it sees them is no step.
        found = objects.higherEntry(found.getKey());
      }
      return found == null || !found.getKey().startsWith(prefix)
          ? NOTHING
          : found.getValue().object();
    }

    @Override
    public Mono<Boolean> delete(String name, String expectedVersion) {
      if (expectedVersion != null && quirks.contains(Quirk.DELETES_LATE)) {
        return step(
                new Call("look before the delete of", name, null),
                () -> {
                  requireVersion(name, expectedVersion, objects.get(name));
                  return true;
                })
            .flatMap(is -> delete(name, null));
      }
      return step(
          new Call("delete", name, null),
          () -> {
            if (expectedVersion != null) {
              requireVersion(name, expectedVersion, objects.get(name));
            }
            return objects.remove(name) != null;
          });
    }

    @Override
    public Set<StorageCapability> capabilities() {
      Set<StorageCapability> capabilities = EnumSet.noneOf(StorageCapability.class);
      if (!quirks.contains(Quirk.HIDES)) {
        capabilities.add(StorageCapability.NESTED_NAMES);
      }
      if (!quirks.contains(Quirk.DELETES_LATE)) {
        capabilities.add(StorageCapability.CONDITIONAL_DELETES);
      }
      return capabilities;
    }

    @Override
    public Mono<Void> close() {
      return Mono.empty();
    }
  }
}
