package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Counts and drops the objects of checkpoints; keeps the small records beside them in memory. */
final class DiscardingStorage implements CheckpointStorage {
  private static final String OBJECTS = ".rkcp/objects/";

  private final CheckpointStorage records = CheckpointStorages.open("memory:");

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options) {
    if (!name.startsWith(OBJECTS)) {
      return records.save(name, content, options);
    }
    return Flux.from(content)
        .map(DiscardingStorage::drop)
        .reduce(0L, Long::sum)
        .map(size -> new StoredObject(name, size, "1", Instant.now(), Map.of()));
  }

  private static long drop(OwnedBuffer buffer) {
    long size = buffer.buffer().remaining();
    buffer.close();
    return size;
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return records.stat(name);
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
    return records.read(name, range, expectedVersion);
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return records.list(prefix);
  }

  @Override
  public Mono<Boolean> delete(String name, @Nullable String expectedVersion) {
    return records.delete(name, expectedVersion);
  }

  @Override
  public Set<StorageCapability> capabilities() {
    return records.capabilities();
  }

  @Override
  public Mono<Void> close() {
    return records.close();
  }
}
