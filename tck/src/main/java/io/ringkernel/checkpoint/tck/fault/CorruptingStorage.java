package io.ringkernel.checkpoint.tck.fault;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A storage that silently gives back other bytes than were saved, as a bad disk does: versions
 * stay. Safe for several threads.
 */
public final class CorruptingStorage extends ForwardingStorage {
  /**
   * What is wrong with one object.
   *
   * @param flips by offset, which bits differ
   * @param size where it ends at the latest
   */
  private record Damage(NavigableMap<Long, Integer> flips, long size) {
    static final Damage NONE = new Damage(new TreeMap<>(), Long.MAX_VALUE);

    StoredObject applyTo(StoredObject object) {
      return new StoredObject(
          object.name(),
          Math.min(size, object.size()),
          object.version(),
          object.lastModified(),
          object.attributes());
    }
  }

  private final Map<String, Damage> damages = new ConcurrentHashMap<>();

  private CorruptingStorage(CheckpointStorage inside) {
    super(inside);
  }

  /**
   * A corrupting storage around another.
   *
   * @param inside closed with this
   */
  public static CorruptingStorage around(CheckpointStorage inside) {
    return new CorruptingStorage(inside);
  }

  /**
   * Flips bits of one byte.
   *
   * @param name of the object, whether or not it is there yet
   * @param offset which byte
   * @param mask which of its bits; 0 heals them
   */
  public CorruptingStorage flip(String name, long offset, int mask) {
    damages.compute(
        name,
        (key, before) -> {
          Damage damage = before == null ? Damage.NONE : before;
          NavigableMap<Long, Integer> flips = new TreeMap<>(damage.flips());
          flips.put(offset, mask);
          return new Damage(flips, damage.size());
        });
    return this;
  }

  /**
   * Cuts an object off.
   *
   * @param name of the object, whether or not it is there yet
   * @param size how many bytes stay
   */
  public CorruptingStorage truncate(String name, long size) {
    damages.compute(
        name, (key, before) -> new Damage(before == null ? new TreeMap<>() : before.flips(), size));
    return this;
  }

  /** From now on, gives back what was saved. */
  public void heal() {
    damages.clear();
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return super.stat(name).map(this::seen);
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return super.list(prefix).map(this::seen);
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
    return Mono.defer(
        () -> {
          Damage damage = damages.get(name);
          if (damage == null) {
            return super.read(name, range, expectedVersion);
          }
          // What lies within the shorter object can only be told once its size is known.
          return super.read(name, Range.of(0, 0), expectedVersion)
              .flatMap(
                  whole -> {
                    StoredObject object = damage.applyTo(whole.object());
                    Range part = range.within(object.size());
                    return super.read(name, part, object.version())
                        .map(
                            read ->
                                new ObjectRead(
                                    object, flipped(read.bytes(), part.offset(), damage.flips())));
                  });
        });
  }

  private StoredObject seen(StoredObject object) {
    return damages.getOrDefault(object.name(), Damage.NONE).applyTo(object);
  }

  private static Flux<OwnedBuffer> flipped(
      Flux<OwnedBuffer> bytes, long offset, NavigableMap<Long, Integer> flips) {
    return Flux.defer(
        () -> {
          AtomicLong position = new AtomicLong(offset);
          return bytes.map(
              owned -> {
                long length = owned.buffer().remaining();
                long from = position.getAndAdd(length);
                NavigableMap<Long, Integer> here = flips.subMap(from, true, from + length, false);
                return here.isEmpty() ? owned : flipped(owned, from, here);
              });
        });
  }

  private static OwnedBuffer flipped(
      OwnedBuffer owned, long offset, NavigableMap<Long, Integer> flips) {
    try (owned) {
      ByteBuffer copy = ByteBuffer.allocate(owned.buffer().remaining()).put(owned.buffer()).flip();
      flips.forEach(
          (at, mask) -> {
            int index = (int) (at - offset);
            copy.put(index, (byte) (copy.get(index) ^ mask));
          });
      return OwnedBuffer.unpooled(copy);
    }
  }
}
