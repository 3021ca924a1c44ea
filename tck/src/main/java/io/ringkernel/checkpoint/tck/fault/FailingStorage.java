package io.ringkernel.checkpoint.tck.fault;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A storage that fails chosen calls; all others go through.
 *
 * <p>A call counts when it is subscribed to. Each failure that was set happens once. Safe for
 * several threads.
 */
public final class FailingStorage extends ForwardingStorage {
  /** A kind of call. */
  public enum Call {
    /** {@link CheckpointStorage#save}. */
    SAVE,
    /** {@link CheckpointStorage#stat}, and what builds on it. */
    STAT,
    /** {@link CheckpointStorage#read}; bytes count for the streams it gives. */
    READ,
    /** {@link CheckpointStorage#list}. */
    LIST,
    /** {@link CheckpointStorage#delete}. */
    DELETE
  }

  private enum Kind {
    REFUSED,
    RESPONSE_LOST,
    BROKEN_OFF
  }

  /** A failure that is yet to happen, at a number of calls as counted from the first. */
  private record Failure(
      Call call, Kind kind, long at, long bytes, Supplier<? extends Throwable> error) {}

  private final Queue<Failure> failures = new ConcurrentLinkedQueue<>();
  private final Map<Call, AtomicLong> calls = new EnumMap<>(Call.class);

  private FailingStorage(CheckpointStorage inside) {
    super(inside);
    for (Call call : Call.values()) {
      calls.put(call, new AtomicLong());
    }
  }

  /**
   * A failing storage around another.
   *
   * @param inside closed with this
   */
  public static FailingStorage around(CheckpointStorage inside) {
    return new FailingStorage(inside);
  }

  /**
   * Fails a call before anything is done.
   *
   * @param call which
   * @param nth 1 is the next one
   * @param error what it fails with
   */
  public FailingStorage fail(Call call, int nth, Supplier<? extends Throwable> error) {
    return add(call, Kind.REFUSED, nth, 0, error);
  }

  /**
   * Lets a call take effect and then fail, as when the answer was lost: the caller can't know that
   * it took effect.
   *
   * @param call which
   * @param nth 1 is the next one
   * @param error what it fails with
   */
  public FailingStorage loseResponse(Call call, int nth, Supplier<? extends Throwable> error) {
    return add(call, Kind.RESPONSE_LOST, nth, 0, error);
  }

  /**
   * Breaks the content of a save off, or the bytes of a read.
   *
   * @param call {@link Call#SAVE} or {@link Call#READ}
   * @param nth 1 is the next one
   * @param bytes how many pass before the failure
   * @param error what the stream fails with
   */
  public FailingStorage breakOff(
      Call call, int nth, long bytes, Supplier<? extends Throwable> error) {
    if (call != Call.SAVE && call != Call.READ) {
      throw new IllegalArgumentException(call + " has no stream of bytes");
    }
    return add(call, Kind.BROKEN_OFF, nth, bytes, error);
  }

  private FailingStorage add(
      Call call, Kind kind, int nth, long bytes, Supplier<? extends Throwable> error) {
    if (nth < 1) {
      throw new IllegalArgumentException("nth must be at least 1, not " + nth);
    }
    failures.add(new Failure(call, kind, calls(call) + nth, bytes, error));
    return this;
  }

  /**
   * The number of calls so far.
   *
   * @param call which
   */
  public long calls(Call call) {
    return counter(call).get();
  }

  private AtomicLong counter(Call call) {
    return Objects.requireNonNull(calls.get(call), "each has one");
  }

  /** Drops the failures that have not happened yet. */
  public void heal() {
    failures.clear();
  }

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options) {
    return failing(
        Call.SAVE,
        failure ->
            super.save(
                name, failure == null ? content : brokenOff(Flux.from(content), failure), options));
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return failing(Call.STAT, failure -> super.stat(name));
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
    return failing(
        Call.READ,
        failure -> {
          Mono<ObjectRead> reading = super.read(name, range, expectedVersion);
          return failure == null
              ? reading
              : reading.map(
                  read -> new ObjectRead(read.object(), brokenOff(read.bytes(), failure)));
        });
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return Flux.defer(
        () -> {
          Failure failure = due(Call.LIST);
          return failure == null ? super.list(prefix) : Flux.error(failure.error());
        });
  }

  @Override
  public Mono<Boolean> delete(String name, @Nullable String expectedVersion) {
    return failing(Call.DELETE, failure -> super.delete(name, expectedVersion));
  }

  /** A call, given the failure of its stream if one is due. */
  private interface Forward<T> {
    Mono<T> call(@Nullable Failure stream);
  }

  private <T> Mono<T> failing(Call call, Forward<T> forward) {
    return Mono.defer(
        () -> {
          Failure failure = due(call);
          if (failure == null) {
            return forward.call(null);
          }
          return switch (failure.kind()) {
            case REFUSED -> Mono.error(failure.error());
            case RESPONSE_LOST -> forward.call(null).then(Mono.error(failure.error()));
            case BROKEN_OFF -> forward.call(failure);
          };
        });
  }

  private @Nullable Failure due(Call call) {
    long number = counter(call).incrementAndGet();
    Optional<Failure> due =
        failures.stream()
            .filter(failure -> failure.call() == call && failure.at() == number)
            .findFirst();
    return due.filter(failures::remove).orElse(null);
  }

  private static Flux<OwnedBuffer> brokenOff(Flux<OwnedBuffer> bytes, Failure failure) {
    return Flux.defer(
        () -> {
          AtomicLong left = new AtomicLong(failure.bytes());
          return bytes.<OwnedBuffer>handle(
              (owned, sink) -> {
                ByteBuffer buffer = owned.buffer();
                long length = buffer.remaining();
                long allowed = left.getAndAdd(-length);
                if (allowed >= length) {
                  sink.next(owned);
                } else if (allowed > 0) {
                  buffer.limit(buffer.position() + (int) allowed);
                  sink.next(owned);
                  sink.error(failure.error().get());
                } else {
                  owned.close();
                  sink.error(failure.error().get());
                }
              });
        });
  }
}
