package io.ringkernel.checkpoint.storage.memory;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StorageNames;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.blocking.IoThreads;
import io.ringkernel.checkpoint.storage.blocking.UnderWay;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * One opening of an {@link ObjectTable}.
 *
 * <p>Nothing here blocks; still every call runs on threads of this storage and its results come
 * from there, as with a storage on a disk. Only the bytes of a save are copied by the thread that
 * brings them: a queue between two threads could lose buffers when it is cancelled.
 */
final class MemoryStorage implements CheckpointStorage {
  private static final int READ_BYTES = 256 << 10;
  private static final int BUFFERS_IN_FLIGHT = 16;
  private static final int THREADS = Math.max(2, Runtime.getRuntime().availableProcessors());

  private final ObjectTable table;
  private final IoThreads threads = new IoThreads("rkcp-memory", THREADS);
  private final Scheduler scheduler = Schedulers.fromExecutor(threads);
  private final UnderWay underWay = new UnderWay(threads::stop);

  MemoryStorage(ObjectTable table) {
    this.table = table;
  }

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options) {
    return attempt(
        name,
        () -> {
          StorageNames.requireValid(name);
          table.requireCondition(name, options);
          SegmentedBytes bytes = new SegmentedBytes();
          return Flux.from(content)
              .limitRate(BUFFERS_IN_FLIGHT)
              .doOnNext(buffer -> append(name, bytes, buffer))
              .doOnDiscard(OwnedBuffer.class, OwnedBuffer::close)
              .then(
                  Mono.fromSupplier(() -> table.put(name, bytes.trimmed(), options))
                      .subscribeOn(scheduler));
        });
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return attempt(
        name, () -> Mono.just(table.get(StorageNames.requireValid(name), null).object()));
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
    return attempt(
        name,
        () -> {
          ObjectTable.Entry entry = table.get(StorageNames.requireValid(name), expectedVersion);
          Range part = range.within(entry.object().size());
          return Mono.just(new ObjectRead(entry.object(), bytes(entry, part)));
        });
  }

  @Override
  public Mono<Long> readInto(String name, String version, long offset, List<ByteBuffer> targets) {
    return Mono.defer(
        () -> {
          Stretch one = new Stretch(offset, targets);
          long room = one.length();
          return readInto(name, version, List.of(one))
              .then(Mono.fromSupplier(() -> room - one.length()));
        });
  }

  @Override
  public Flux<Stretch> readInto(String name, String version, List<Stretch> stretches) {
    // Behind what ends it when this storage is closed: the memory is written to until it ends.
    return attempt(name, () -> Mono.just(table.get(StorageNames.requireValid(name), version)))
        .flatMapMany(
            entry ->
                Flux.fromIterable(stretches).doOnNext(stretch -> copy(entry.bytes(), stretch)));
  }

  private static void copy(SegmentedBytes bytes, Stretch stretch) {
    long offset = stretch.offset();
    for (ByteBuffer target : stretch.targets()) {
      int before = target.remaining();
      bytes.read(offset, target);
      offset += before - target.remaining();
    }
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return underWay.untilClosed(
        prefix,
        Flux.<StoredObject, @Nullable String>generate(
            () -> {
              StorageNames.requireValidPrefix(prefix);
              return null;
            },
            (after, sink) -> {
              StoredObject next = table.next(prefix, after);
              if (next == null) {
                sink.complete();
                return null;
              }
              sink.next(next);
              return next.name();
            }),
        scheduler);
  }

  @Override
  public Mono<Boolean> delete(String name, @Nullable String expectedVersion) {
    return attempt(
        name, () -> Mono.just(table.remove(StorageNames.requireValid(name), expectedVersion)));
  }

  @Override
  public Set<StorageCapability> capabilities() {
    return Set.of(
        StorageCapability.ATTRIBUTES,
        StorageCapability.LISTS_ATTRIBUTES,
        StorageCapability.CASE_SENSITIVE,
        StorageCapability.CONDITIONAL_DELETES,
        StorageCapability.NESTED_NAMES,
        StorageCapability.SCATTERED_READS);
  }

  @Override
  public Mono<Void> close() {
    return Mono.defer(
        () -> {
          underWay.close();
          return threads.ended();
        });
  }

  /** The memory is left to the garbage collector, so that a buffer lost to a cancel is no leak. */
  private Flux<OwnedBuffer> bytes(ObjectTable.Entry entry, Range part) {
    long end = part.offset() + part.length();
    return underWay.untilClosed(
        entry.object().name(),
        Flux.generate(
            part::offset,
            (Long offset, SynchronousSink<OwnedBuffer> sink) -> {
              int length = (int) Math.min(READ_BYTES, end - offset);
              if (length > 0) {
                ByteBuffer copy = ByteBuffer.allocate(length);
                entry.bytes().read(offset, copy);
                sink.next(OwnedBuffer.unpooled(copy.flip()));
              }
              if (offset + length == end) {
                sink.complete();
              }
              return offset + length;
            }),
        scheduler);
  }

  private static void append(String name, SegmentedBytes bytes, OwnedBuffer buffer) {
    try (buffer) {
      bytes.append(buffer.buffer());
    } catch (OutOfMemoryError e) {
      throw new StorageException(
          "'" + name + "': the heap is full; give the JVM more (-Xmx) or use another storage",
          false,
          e);
    }
  }

  private <T> Mono<T> attempt(String name, Supplier<Mono<T>> work) {
    return underWay.untilClosed(name, Mono.defer(work).flux(), scheduler).next();
  }
}
