package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.TrackedBuffers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A store on a server of its own whose calls wait; everything lent must be back at its end. */
final class StoreUnderTest implements AutoCloseable {
  private final S3Server server = new S3Server();
  private final TrackedBuffers buffers = new TrackedBuffers();
  private final S3Storage storage;
  private String savedVersion = "";

  /** With parts of 64 KiB. */
  StoreUnderTest() {
    this(server -> server.smallParts("some/where"));
  }

  StoreUnderTest(Function<S3Server, S3Storage> opener) {
    this.storage = opener.apply(server);
  }

  S3Server server() {
    return server;
  }

  S3Storage storage() {
    return storage;
  }

  TrackedBuffers buffers() {
    return buffers;
  }

  /** The version of what {@link #save} saved last. */
  String savedVersion() {
    return savedVersion;
  }

  StoredObject save(String name, byte[] bytes, SaveOptions options) {
    StoredObject saved = saving(name, bytes, options).block(Patience.LIMIT);
    savedVersion = saved.version();
    return saved;
  }

  Mono<StoredObject> saving(String name, byte[] bytes, SaveOptions options) {
    return storage.save(name, buffers.pieces(bytes, 10_000), options);
  }

  StoredObject stat(String name) {
    return storage.stat(name).block(Patience.LIMIT);
  }

  byte[] read(String name) {
    return reading(name).block(Patience.LIMIT);
  }

  Mono<byte[]> reading(String name) {
    return reading(name, Range.all());
  }

  Mono<byte[]> reading(String name, Range range) {
    return collecting(storage.read(name, range, null).flatMapMany(ObjectRead::bytes));
  }

  static Mono<byte[]> collecting(Flux<OwnedBuffer> stream) {
    return stream
        .collect(
            ByteArrayOutputStream::new,
            (all, owned) -> {
              try (owned) {
                byte[] bytes = new byte[owned.buffer().remaining()];
                owned.buffer().get(bytes);
                all.writeBytes(bytes);
              }
            })
        .map(ByteArrayOutputStream::toByteArray);
  }

  List<String> names() {
    return storage.list("").map(StoredObject::name).collectList().block(Patience.LIMIT);
  }

  @Override
  public void close() {
    storage.close().block(Patience.LIMIT);
    try {
      server.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assertThat(buffers.open()).as("buffers that were given and not closed").isZero();
    assertThat(storage.openHandles()).as("pooled buffers and calls that are open").isZero();
  }
}
