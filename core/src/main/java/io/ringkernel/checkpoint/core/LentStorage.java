package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.internal.FatalErrors;
import io.ringkernel.checkpoint.internal.ThrownErrors;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A storage as the engine uses it: whoever opened it closes it. Whatever error a call of it throws
 * or signals, who waits is told; what it throws on a thread of its own is beyond reach.
 */
class LentStorage implements CheckpointStorage {
  private final CheckpointStorage storage;

  LentStorage(CheckpointStorage storage) {
    this.storage = storage;
  }

  private static <T> Mono<T> told(String name, Supplier<Mono<T>> call) {
    return ThrownErrors.told(Mono.defer(call), e -> FatalErrors.ofStorage(name, e));
  }

  private static <T> Flux<T> toldOfMany(String name, Supplier<Flux<T>> call) {
    return ThrownErrors.told(Flux.defer(call), e -> FatalErrors.ofStorage(name, e));
  }

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options) {
    // A storage's own operators throw at us while they take what is to be stored.
    Flux<OwnedBuffer> taken =
        ThrownErrors.told(Flux.from(content), e -> FatalErrors.ofStorage(name, e));
    return told(name, () -> storage.save(name, taken, options));
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return told(name, () -> storage.stat(name));
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
    return told(name, () -> storage.read(name, range, expectedVersion))
        .map(read -> new ObjectRead(read.object(), toldOfMany(name, read::bytes)));
  }

  @Override
  public Mono<Long> readInto(String name, String version, long offset, List<ByteBuffer> targets) {
    return told(name, () -> storage.readInto(name, version, offset, targets));
  }

  @Override
  public Flux<Stretch> readInto(String name, String version, List<Stretch> stretches) {
    return toldOfMany(name, () -> storage.readInto(name, version, stretches));
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return toldOfMany(prefix, () -> storage.list(prefix));
  }

  @Override
  public Mono<Boolean> delete(String name, @Nullable String expectedVersion) {
    return told(name, () -> storage.delete(name, expectedVersion));
  }

  @Override
  public Mono<Boolean> exists(String name) {
    return told(name, () -> storage.exists(name));
  }

  @Override
  public Set<StorageCapability> capabilities() {
    return storage.capabilities();
  }

  @Override
  public Mono<Void> close() {
    return Mono.empty();
  }
}
