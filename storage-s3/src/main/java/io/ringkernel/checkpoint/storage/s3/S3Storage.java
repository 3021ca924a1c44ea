package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StorageNames;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.blocking.IoThreads;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;

/** One opening of a bucket, or of what has a prefix in it. */
final class S3Storage implements CheckpointStorage {
  /**
   * On which the storage's own work and its subscribers run, so that neither the caller's thread
   * nor the event loops of the HTTP client are held up. Work is short; only what subscribers do,
   * and the search for credentials, may block.
   */
  private static final int MOST_THREADS =
      Math.min(16, Math.max(4, 2 * Runtime.getRuntime().availableProcessors()));

  private static final int READ_BYTES = Window.MOST_BYTES;
  private static final long READ_POOL_BYTES = 16 << 20;
  private static final int SEGMENT_BYTES = 128 << 10;
  private static final long SEGMENT_POOL_BYTES = 64 << 20;

  private static final AtomicInteger STORAGES = new AtomicInteger();

  private final S3Options options;
  private final Operations operations;
  private final Bucket bucket;
  private final Reads reads;
  private final Deletion deletion;
  private final Listing listing;
  private final BufferPool reading = new BufferPool(READ_BYTES, READ_POOL_BYTES);
  private final BufferPool sending = new BufferPool(SEGMENT_BYTES, SEGMENT_POOL_BYTES);

  /** With a client that is set up by the environment alone. */
  S3Storage(S3Options options) {
    this(options, client -> {}, TimeLimits.DEFAULT);
  }

  /**
   * Opens nothing yet.
   *
   * @param settings called when the client is made
   * @param limits of requests that carry little
   */
  S3Storage(S3Options options, Consumer<S3AsyncClientBuilder> settings, TimeLimits limits) {
    this.options = options;
    Failures failures = new Failures(options);
    IoThreads threads = new IoThreads("rkcp-s3-" + STORAGES.incrementAndGet(), MOST_THREADS);
    Connection connection =
        new Connection(options.bucket(), new ClientSettings(options, settings, threads));
    this.operations =
        new Operations(
            threads,
            failures,
            () -> {
              reading.close();
              sending.close();
              connection.close();
            });
    this.bucket = new Bucket(options, connection, threads, limits, failures);
    this.reads = new Reads(bucket, operations, reading, options.checksums());
    this.deletion = new Deletion(bucket);
    this.listing = new Listing(bucket);
  }

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions save) {
    return Mono.create(
        sink -> {
          StorageNames.requireValid(name);
          Metadata.requireSmall(save.attributes());
          PartUpload upload = new PartUpload(bucket, name, save, new Nonce());
          new SaveOperation(operations, name, content, options.plan(), sending, upload, sink)
              .start();
        });
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return attempt(name, () -> reads.require(name, null).map(ObjectState::object));
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, @Nullable String expectedVersion) {
    return attempt(name, () -> reads.open(name, range, expectedVersion));
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return operations.untilClosed(
        prefix, Flux.defer(() -> listing.objects(StorageNames.requireValidPrefix(prefix))));
  }

  @Override
  public Mono<Boolean> delete(String name, @Nullable String expectedVersion) {
    return attempt(name, () -> deletion.delete(name, expectedVersion));
  }

  @Override
  public Set<StorageCapability> capabilities() {
    Set<StorageCapability> capabilities =
        EnumSet.of(
            StorageCapability.DURABLE,
            StorageCapability.SHARED,
            StorageCapability.ATTRIBUTES,
            StorageCapability.LISTS_ATTRIBUTES,
            StorageCapability.CASE_SENSITIVE);
    if (bucket.deletesExactly()) {
      capabilities.add(StorageCapability.CONDITIONAL_DELETES);
    }
    if (options.nestedNames()) {
      capabilities.add(StorageCapability.NESTED_NAMES);
    }
    return capabilities;
  }

  @Override
  public Mono<Void> close() {
    return operations.close();
  }

  /** Segments of memory that parts hold. */
  int heldForSending() {
    return sending.open();
  }

  /** What is under way, and pooled buffers that are lent out. */
  int openHandles() {
    return operations.underWay().count() + reading.open() + sending.open();
  }

  private <T> Mono<T> attempt(String name, Supplier<Mono<T>> work) {
    Mono<T> checked =
        Mono.defer(
            () -> {
              StorageNames.requireValid(name);
              return work.get();
            });
    return operations.untilClosed(name, checked.flux()).next();
  }
}
