package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.ChunkContent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Bytes that can only be read, on a thread of their own; it counts what it is asked for. */
final class RemoteContent implements ChunkContent, AutoCloseable {
  record Request(long offset, int length) {}

  final List<Request> requests = Collections.synchronizedList(new ArrayList<>());

  /** What becomes of a read: delayed, failed, never ended. */
  volatile Function<Mono<Integer>, Mono<Integer>> fate = read -> read;

  private final AtomicInteger inFlight = new AtomicInteger();
  private final ChunkContent bytes;
  private final Scheduler thread = Schedulers.newSingle("remote", true);

  RemoteContent(byte[] bytes) {
    this.bytes = ChunkContent.of(bytes);
  }

  @Override
  public long size() {
    return bytes.size();
  }

  @Override
  public Mono<Integer> read(long offset, ByteBuffer target) {
    return Mono.defer(
            () -> {
              requests.add(new Request(offset, target.remaining()));
              return fate.apply(bytes.read(offset, target));
            })
        .subscribeOn(thread)
        .doOnSubscribe(started -> inFlight.incrementAndGet())
        .doFinally(ended -> inFlight.decrementAndGet());
  }

  /** Waits for reads that nobody waits for any more. */
  @Override
  public void close() {
    Bench.eventually(() -> inFlight.get() == 0);
    thread.dispose();
  }
}
