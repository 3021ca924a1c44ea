package io.ringkernel.checkpoint.tck.fault;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Passes every call on: for storages that do but some of them otherwise. */
public abstract class ForwardingStorage implements CheckpointStorage {
  private final CheckpointStorage inside;

  /**
   * A storage around another.
   *
   * @param inside closed with this
   */
  protected ForwardingStorage(CheckpointStorage inside) {
    this.inside = inside;
  }

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options) {
    return inside.save(name, content, options);
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return inside.stat(name);
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
    return inside.read(name, range, expectedVersion);
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return inside.list(prefix);
  }

  @Override
  public Mono<Boolean> delete(String name, @Nullable String expectedVersion) {
    return inside.delete(name, expectedVersion);
  }

  @Override
  public Set<StorageCapability> capabilities() {
    return inside.capabilities();
  }

  @Override
  public Mono<Void> close() {
    return inside.close();
  }
}
