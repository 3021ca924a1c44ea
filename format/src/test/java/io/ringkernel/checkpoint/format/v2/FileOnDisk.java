package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.Stretch;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** A file that has to be read: no view, reads take place elsewhere, and are counted. */
final class FileOnDisk implements ChunkContent {
  final AtomicInteger reads = new AtomicInteger();
  final AtomicLong bytesRead = new AtomicLong();
  private final ChunkContent content;
  private final Scheduler scheduler;

  FileOnDisk(byte[] content, Scheduler scheduler) {
    this.content = ChunkContent.of(content);
    this.scheduler = scheduler;
  }

  /** Forgets what was read so far. */
  void reset() {
    reads.set(0);
    bytesRead.set(0);
  }

  @Override
  public long size() {
    return content.size();
  }

  @Override
  public Mono<Integer> read(long offset, ByteBuffer target) {
    return counted(content.read(offset, target)).doOnNext(bytesRead::addAndGet);
  }

  @Override
  public Mono<Long> read(long offset, List<ByteBuffer> targets) {
    return counted(content.read(offset, targets)).doOnNext(bytesRead::addAndGet);
  }

  @Override
  public Flux<Stretch> readAll(List<Stretch> stretches) {
    return Flux.defer(
        () -> {
          reads.incrementAndGet();
          bytesRead.addAndGet(stretches.stream().mapToLong(Stretch::length).sum());
          return content.readAll(stretches).subscribeOn(scheduler);
        });
  }

  private <T> Mono<T> counted(Mono<T> read) {
    return read.doOnSubscribe(s -> reads.incrementAndGet()).subscribeOn(scheduler);
  }
}
