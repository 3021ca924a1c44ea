package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A storage in memory with room for so many blocks, as a file system has: each object takes whole
 * blocks, and what is replaced takes its own until the new one is complete.
 */
final class BoundedStorage implements CheckpointStorage {
  private static final int BLOCK = 4096;

  private final CheckpointStorage real = CheckpointStorages.open("memory:");
  private volatile boolean deletesLate;
  private final AtomicLong free = new AtomicLong(Long.MAX_VALUE / 2);

  /** From now on there is room for so many blocks more. */
  void leave(long blocks) {
    free.set(blocks);
  }

  long free() {
    return free.get();
  }

  private static long blocks(long bytes) {
    return Math.max(1, (bytes + BLOCK - 1) / BLOCK);
  }

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options) {
    return Mono.defer(
        () -> {
          AtomicLong bytes = new AtomicLong();
          AtomicLong taken = new AtomicLong(1);
          if (free.decrementAndGet() < 0) {
            free.incrementAndGet();
            return Mono.error(full(name));
          }
          Flux<OwnedBuffer> counted =
              Flux.from(content).map(buffer -> counted(name, buffer, bytes, taken));
          return size(name)
              .flatMap(
                  before ->
                      real.save(name, counted, options).doOnSuccess(done -> free.addAndGet(before)))
              .doOnError(e -> free.addAndGet(taken.get()));
        });
  }

  private OwnedBuffer counted(String name, OwnedBuffer buffer, AtomicLong bytes, AtomicLong taken) {
    long needed = blocks(bytes.addAndGet(buffer.buffer().remaining())) - taken.get();
    if (free.addAndGet(-needed) < 0) {
      free.addAndGet(needed);
      buffer.close();
      throw full(name);
    }
    taken.addAndGet(needed);
    return buffer;
  }

  private Mono<Long> size(String name) {
    return real.stat(name)
        .map(object -> blocks(object.size()))
        .onErrorReturn(CheckpointNotFoundException.class, 0L);
  }

  private static StorageException full(String name) {
    return new StorageException("'" + name + "': no space left; free some", false, null);
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return real.stat(name);
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, String expectedVersion) {
    return real.read(name, range, expectedVersion);
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return real.list(prefix);
  }

  @Override
  public Mono<Boolean> delete(String name, String expectedVersion) {
    return size(name)
        .flatMap(
            blocks ->
                real.delete(name, expectedVersion)
                    .doOnNext(done -> free.addAndGet(done ? blocks : 0)));
  }

  /** As one whose deletes of a version may delete another. */
  void deletesLate() {
    deletesLate = true;
  }

  @Override
  public Set<StorageCapability> capabilities() {
    Set<StorageCapability> capabilities = new HashSet<>(real.capabilities());
    if (deletesLate) {
      capabilities.remove(StorageCapability.CONDITIONAL_DELETES);
    }
    return capabilities;
  }

  @Override
  public Mono<Void> close() {
    return real.close();
  }
}
