package io.ringkernel.checkpoint.tck.fault;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A storage that delays each call, and each buffer of a stream. It blocks no thread meanwhile. */
public final class SlowStorage extends ForwardingStorage {
  private final Duration each;
  private final Scheduler timer;

  /** Does everything a while after it is told to. */
  private final Scheduler hesitant;

  private SlowStorage(CheckpointStorage inside, Duration each, Scheduler timer) {
    super(inside);
    this.each = each;
    this.timer = timer;
    this.hesitant =
        Schedulers.fromExecutor(
            task -> {
              Disposable unused = timer.schedule(task, each.toNanos(), TimeUnit.NANOSECONDS);
            });
  }

  /**
   * A slow storage around another.
   *
   * @param inside closed with this
   * @param each the delay before each call and each buffer
   * @param timer waits, and may pass signals on: its threads must be allowed to block, unless those
   *     who use it don't mind; a virtual-time scheduler works, too
   */
  public static SlowStorage around(CheckpointStorage inside, Duration each, Scheduler timer) {
    return new SlowStorage(inside, each, timer);
  }

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options) {
    return later(super.save(name, slowed(Flux.from(content)), options));
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return later(super.stat(name));
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
    return later(super.read(name, range, expectedVersion))
        .map(read -> new ObjectRead(read.object(), slowed(read.bytes())));
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return super.list(prefix).delaySubscription(each, timer);
  }

  @Override
  public Mono<Boolean> delete(String name, @Nullable String expectedVersion) {
    return later(super.delete(name, expectedVersion));
  }

  private <T> Mono<T> later(Mono<T> call) {
    return call.delaySubscription(each, timer);
  }

  /** A cancel meets no operator that waits with a buffer in its hands: this one discards it. */
  private Flux<OwnedBuffer> slowed(Flux<OwnedBuffer> bytes) {
    return bytes.publishOn(hesitant, false, 1);
  }
}
