package io.ringkernel.checkpoint.storage.gcs;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StorageNames;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.blocking.BlockingOperations;
import io.ringkernel.checkpoint.storage.blocking.BlockingSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One opening of a bucket as a store. */
final class GcsStorage implements CheckpointStorage {
  /** Work for one operation, with its requests. */
  @FunctionalInterface
  private interface Work<T> {
    T run(Wire wire) throws IOException;
  }

  /** A thread waits for the network most of its time: enough to fill it, few enough to count. */
  static final int THREADS = 32;

  private static final int READ_BYTES = 256 << 10;
  private static final long READ_POOL_BYTES = 16 << 20;

  private final GcsClient client;
  private final StoreObjects objects;
  private final BlockingOperations operations;
  private final BufferPool reading = new BufferPool(READ_BYTES, READ_POOL_BYTES);

  /** Does nothing yet. */
  GcsStorage(GcsOptions options, GcsClient client) {
    this.client = client;
    this.objects = new StoreObjects(options, client);
    this.operations =
        new BlockingOperations(
            "rkcp-gs",
            THREADS,
            new Failures(options)::of,
            () -> {
              reading.close();
              client.close();
            });
  }

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options) {
    return operations.save(
        name,
        content,
        attempt -> new GcsSave(objects, objects.requireValid(name), options, attempt));
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return call(name, wire -> objects.require(wire, name, null).object());
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
    return call(
        name,
        wire -> {
          Found found = objects.require(wire, name, expectedVersion);
          return new ObjectRead(found.object(), bytes(found, range.within(found.object().size())));
        });
  }

  /** One request: which version is meant is known, and no more of it is told. */
  @Override
  public Mono<Long> readInto(String name, String version, long offset, List<ByteBuffer> targets) {
    return call(name, wire -> new ReadInto(objects, name, version, wire).run(offset, targets));
  }

  private Flux<OwnedBuffer> bytes(Found found, Range range) {
    return operations.pull(
        found.object().name(),
        attempt -> new GcsRange(objects, found, range, reading, Wire.of(attempt)),
        OwnedBuffer::close);
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return Flux.defer(
        () -> {
          StorageNames.requireValidPrefix(prefix);
          return operations.pull(prefix, attempt -> listing(prefix, Wire.of(attempt)), gone -> {});
        });
  }

  private BlockingSource<StoredObject> listing(String prefix, Wire wire) {
    return new GcsListing(objects, prefix, wire);
  }

  @Override
  public Mono<Boolean> delete(String name, @Nullable String expectedVersion) {
    return call(name, wire -> new GcsDelete(objects, name, wire).run(expectedVersion));
  }

  @Override
  public Set<StorageCapability> capabilities() {
    return Set.of(
        StorageCapability.DURABLE,
        StorageCapability.SHARED,
        StorageCapability.ATTRIBUTES,
        StorageCapability.LISTS_ATTRIBUTES,
        StorageCapability.CASE_SENSITIVE,
        StorageCapability.CONDITIONAL_DELETES,
        StorageCapability.NESTED_NAMES);
  }

  @Override
  public Mono<Void> close() {
    return operations.close();
  }

  /** Pooled buffers that are lent out, and connections that are in use. */
  int openHandles() {
    return reading.open() + client.connectionsInUse();
  }

  private <T> Mono<T> call(String name, Work<T> work) {
    return Mono.defer(
        () -> {
          objects.requireValid(name);
          return operations.call(name, attempt -> work.run(Wire.of(attempt)));
        });
  }
}
